// The sum or the difference of two operands, rounded and saturated, in 2 cycles. A_SHIFT, B_SHIFT: places to the left
// that bring the operands to the finer of their binary points; SHIFT: from there to the result's.
module inrarch_add #(
    parameter int A_BITS   = 2,
    parameter int A_SHIFT  = 0,
    parameter int B_BITS   = 2,
    parameter int B_SHIFT  = 0,
    parameter bit SUBTRACT = 0,
    parameter int SHIFT    = 0,
    parameter int OUT_BITS = 2
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [A_BITS-1:0]   a,
    input  logic signed [B_BITS-1:0]   b,
    output logic signed [OUT_BITS-1:0] out
);
    localparam int A_WIDE = A_BITS + A_SHIFT;
    localparam int B_WIDE = B_BITS + B_SHIFT;
    localparam int BITS   = (A_WIDE > B_WIDE ? A_WIDE : B_WIDE) + 1;

    logic signed [BITS-1:0]     left, right, sum;
    logic signed [OUT_BITS-1:0] rounded;

    assign left  = BITS'(a) <<< A_SHIFT;
    assign right = BITS'(b) <<< B_SHIFT;

    inrarch_round #(.IN_BITS(BITS), .SHIFT(SHIFT), .OUT_BITS(OUT_BITS)) round (.in(sum), .out(rounded));

    always_ff @(posedge clk) begin
        if (enable) begin
            sum <= SUBTRACT ? left - right : left + right;
            out <= rounded;
        end
    end
endmodule
