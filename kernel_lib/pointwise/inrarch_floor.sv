// The whole numbers below, at binary point 0, brought to the result's format: 1 cycle. FRAC: of the operand; SHIFT: from
// binary point 0 to the result's.
module inrarch_floor #(
    parameter int A_BITS   = 2,
    parameter int FRAC     = 0,
    parameter int SHIFT    = 0,
    parameter int OUT_BITS = 2
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [A_BITS-1:0]   a,
    output logic signed [OUT_BITS-1:0] out
);
    localparam int DROPPED = FRAC <= 0 ? 0 : FRAC < A_BITS ? FRAC : A_BITS - 1;
    localparam int RAISED  = FRAC < 0 ? -FRAC : 0;
    localparam int BITS    = A_BITS - DROPPED + RAISED;

    logic signed [BITS-1:0]     whole;
    logic signed [OUT_BITS-1:0] rounded;

    assign whole = BITS'(a >>> DROPPED) <<< RAISED;

    inrarch_round #(.IN_BITS(BITS), .SHIFT(SHIFT), .OUT_BITS(OUT_BITS)) round (.in(whole), .out(rounded));

    always_ff @(posedge clk) if (enable) out <= rounded;
endmodule
