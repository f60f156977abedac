// The product of two operands, rounded and saturated, in 5 cycles. A_SHIFT, B_SHIFT, A_FACTOR, B_FACTOR: the rounding
// of the operands in front of the multiplier, and their bits behind it.
module inrarch_multiply #(
    parameter int A_BITS   = 2,
    parameter int A_SHIFT  = 0,
    parameter int A_FACTOR = A_BITS,
    parameter int B_BITS   = 2,
    parameter int B_SHIFT  = 0,
    parameter int B_FACTOR = B_BITS,
    parameter int SHIFT    = 0,
    parameter int WIDE     = 27,  // signed bits of the multiplier blocks
    parameter int NARROW   = 18,
    parameter int OUT_BITS = 2
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [A_BITS-1:0]   a,
    input  logic signed [B_BITS-1:0]   b,
    output logic signed [OUT_BITS-1:0] out
);
    logic signed [A_FACTOR-1:0]          a_rounded, left;
    logic signed [B_FACTOR-1:0]          b_rounded, right;
    logic signed [A_FACTOR+B_FACTOR-1:0] product;
    logic signed [OUT_BITS-1:0]          rounded;

    inrarch_round #(.IN_BITS(A_BITS), .SHIFT(A_SHIFT), .OUT_BITS(A_FACTOR)) round_a (.in(a), .out(a_rounded));
    inrarch_round #(.IN_BITS(B_BITS), .SHIFT(B_SHIFT), .OUT_BITS(B_FACTOR)) round_b (.in(b), .out(b_rounded));
    inrarch_product #(.A_BITS(A_FACTOR), .B_BITS(B_FACTOR), .WIDE(WIDE), .NARROW(NARROW)) multiplier (
        .clk(clk), .enable(enable), .a(left), .b(right), .out(product)
    );
    inrarch_round #(.IN_BITS(A_FACTOR + B_FACTOR), .SHIFT(SHIFT), .OUT_BITS(OUT_BITS)) round (
        .in(product), .out(rounded)
    );

    always_ff @(posedge clk) begin
        if (enable) begin
            left  <= a_rounded;
            right <= b_rounded;
            out   <= rounded;
        end
    end
endmodule
