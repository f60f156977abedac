// The operands of a shared operator: word n of `in` is registered in the stages of phase PHASES[n], in which a token's
// operation takes it. Which one is next is worked out a stage ahead. STAGES 2: one of each GROUP of words is registered,
// so that there is time for logic in front of them, and the one of these a stage later.
module inrarch_choose #(
    parameter int                  BITS     = 1,
    parameter int                  WAYS     = 1,
    parameter int                  INTERVAL = 1,
    parameter logic [WAYS*32-1:0]  PHASES   = '0,
    parameter int                  STAGES   = 1
) (
    input  logic                 clk,
    input  logic                 enable,
    input  logic [INTERVAL-1:0]  phase,
    input  logic [WAYS*BITS-1:0] in,
    output logic [BITS-1:0]      out
);
    localparam int GROUP      = STAGES == 2 ? 8 : WAYS;
    localparam int GROUPS     = (WAYS + GROUP - 1) / GROUP;
    localparam int WAY_BITS   = WAYS > 1 ? $clog2(WAYS) : 1;
    localparam int GROUP_BITS = GROUP < WAYS ? $clog2(GROUP) : WAY_BITS;  // of a way in its group

    logic [WAY_BITS-1:0] way;
    logic [GROUPS*GROUP*BITS-1:0] padded;
    logic [GROUPS*BITS-1:0] chosen;

    assign padded = (GROUPS * GROUP * BITS)'(in);

    if (WAYS == 1) begin : one
        assign way = '0;
        logic unused;
        assign unused = &{1'b0, phase};
    end else begin : several
        logic [WAY_BITS-1:0] next;

        always_comb begin
            next = '0;
            for (int n = 0; n < WAYS; n++) begin
                if (phase[(PHASES[n*32 +: 32]+INTERVAL-1)%INTERVAL]) next = next | WAY_BITS'(n);
            end
        end

        always_ff @(posedge clk) if (enable) way <= next;
    end

    for (genvar g = 0; g < GROUPS; g++) begin : groups
        logic [GROUP*BITS-1:0] words;
        assign words = padded[g*GROUP*BITS +: GROUP*BITS];
        always_ff @(posedge clk)
            if (enable) chosen[g*BITS +: BITS] <= words[32'(way[GROUP_BITS-1:0])*BITS +: BITS];
    end

    if (STAGES == 1) begin : at_once
        assign out = chosen;
    end else if (GROUPS == 1) begin : held
        always_ff @(posedge clk) if (enable) out <= chosen;
    end else begin : further
        logic [WAY_BITS-GROUP_BITS-1:0] group;
        always_ff @(posedge clk) begin
            if (enable) begin
                group <= way[WAY_BITS-1:GROUP_BITS];
                out   <= chosen[32'(group)*BITS +: BITS];
            end
        end
    end
endmodule
