// The operands of a shared operator: word n of `in` is registered in the stages of phase PHASES[n], in which a token's
// operation takes it. Which one is next is worked out a stage ahead.
module inrarch_choose #(
    parameter int                  BITS     = 1,
    parameter int                  WAYS     = 1,
    parameter int                  INTERVAL = 1,
    parameter logic [WAYS*32-1:0]  PHASES   = '0
) (
    input  logic                 clk,
    input  logic                 enable,
    input  logic [INTERVAL-1:0]  phase,
    input  logic [WAYS*BITS-1:0] in,
    output logic [BITS-1:0]      out
);
    localparam int WAY_BITS = WAYS > 1 ? $clog2(WAYS) : 1;

    if (WAYS == 1) begin : one
        always_ff @(posedge clk) if (enable) out <= in;
        logic unused;
        assign unused = &{1'b0, phase};
    end else begin : several
        logic [WAY_BITS-1:0] way, next;

        always_comb begin
            next = '0;
            for (int n = 0; n < WAYS; n++) begin
                if (phase[(PHASES[n*32 +: 32]+INTERVAL-1)%INTERVAL]) next = next | WAY_BITS'(n);
            end
        end

        always_ff @(posedge clk) begin
            if (enable) begin
                way <= next;
                out <= in[32'(way)*BITS +: BITS];
            end
        end
    end
endmodule
