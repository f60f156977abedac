// Whether a > b (EQUAL 0) or a == b (EQUAL 1) at the finer of their binary points: 1 cycle. A_SHIFT, B_SHIFT: as in
// inrarch_add.
module inrarch_compare #(
    parameter int A_BITS  = 2,
    parameter int A_SHIFT = 0,
    parameter int B_BITS  = 2,
    parameter int B_SHIFT = 0,
    parameter bit EQUAL   = 0
) (
    input  logic                     clk,
    input  logic                     enable,
    input  logic signed [A_BITS-1:0] a,
    input  logic signed [B_BITS-1:0] b,
    output logic                     out
);
    localparam int A_WIDE = A_BITS + A_SHIFT;
    localparam int B_WIDE = B_BITS + B_SHIFT;
    localparam int BITS   = A_WIDE > B_WIDE ? A_WIDE : B_WIDE;

    logic signed [BITS-1:0] left, right;

    assign left  = BITS'(a) <<< A_SHIFT;
    assign right = BITS'(b) <<< B_SHIFT;

    always_ff @(posedge clk) if (enable) out <= EQUAL ? left == right : left > right;
endmodule
