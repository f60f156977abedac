// A value some stages later. No reset, so that it can become a shift register of LUTs.
module inrarch_delay #(
    parameter int BITS   = 1,
    parameter int CYCLES = 1
) (
    input  logic            clk,
    input  logic            enable,
    input  logic [BITS-1:0] in,
    output logic [BITS-1:0] out
);
    if (CYCLES == 0) begin : none
        assign out = in;
        logic unused;
        assign unused = &{1'b0, clk, enable};
    end else if (CYCLES == 1) begin : one
        always_ff @(posedge clk) if (enable) out <= in;
    end else begin : several
        logic [CYCLES*BITS-1:0] line;
        assign out = line[(CYCLES-1)*BITS +: BITS];
        always_ff @(posedge clk) if (enable) line <= {line[(CYCLES-1)*BITS-1:0], in};
    end
endmodule
