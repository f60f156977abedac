// Flags some stages later; none after a reset.
module inrarch_delay_reset #(
    parameter int BITS   = 1,
    parameter int CYCLES = 1
) (
    input  logic            clk,
    input  logic            reset,
    input  logic            enable,
    input  logic [BITS-1:0] in,
    output logic [BITS-1:0] out
);
    logic [CYCLES*BITS-1:0] line;

    assign out = line[(CYCLES-1)*BITS +: BITS];
    if (CYCLES == 1) begin : one
        always_ff @(posedge clk) begin
            if (reset) line <= '0;
            else if (enable) line <= in;
        end
    end else begin : several
        always_ff @(posedge clk) begin
            if (reset) line <= '0;
            else if (enable) line <= {line[(CYCLES-1)*BITS-1:0], in};
        end
    end
endmodule
