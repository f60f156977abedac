// (value + half) >> shift for shifts of 0 to IN_BITS, half = 2^(shift - 1) or 0: 2 cycles.
module inrarch_shift_down #(
    parameter int IN_BITS    = 2,
    parameter int SHIFT_BITS = $clog2(IN_BITS + 1)
) (
    input  logic                        clk,
    input  logic                        enable,
    input  logic signed [IN_BITS-1:0]   value,
    input  logic [SHIFT_BITS-1:0]       shift,
    output logic signed [IN_BITS:0]     out
);
    logic [IN_BITS:0]        half;
    logic signed [IN_BITS:0] sum;
    logic [SHIFT_BITS-1:0]   distance;

    assign half = ((IN_BITS + 1)'(1) << shift) >> 1;

    always_ff @(posedge clk) begin
        if (enable) begin
            sum      <= (IN_BITS + 1)'(value) + $signed(half);
            distance <= shift;
            out      <= sum >>> distance;
        end
    end
endmodule
