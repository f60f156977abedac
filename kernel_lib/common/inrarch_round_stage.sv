// inrarch_round with a register between the rounding and the clipping: one stage later, and the clipping without a clock.
module inrarch_round_stage #(
    parameter int IN_BITS  = 2,
    parameter int SHIFT    = 0,
    parameter int OUT_BITS = 2
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [IN_BITS-1:0]  in,
    output logic signed [OUT_BITS-1:0] out
);
    // Enough for what inrarch_round gives when nothing is clipped.
    localparam int WIDE = SHIFT <= 0 ? IN_BITS - SHIFT : SHIFT < IN_BITS ? IN_BITS + 1 - SHIFT : 1;

    logic signed [WIDE-1:0] rounded, kept;

    inrarch_round #(.IN_BITS(IN_BITS), .SHIFT(SHIFT), .OUT_BITS(WIDE)) rounding (.in, .out(rounded));
    always_ff @(posedge clk) if (enable) kept <= rounded;
    inrarch_round #(.IN_BITS(WIDE), .SHIFT(0), .OUT_BITS(OUT_BITS)) clipping (.in(kept), .out);
endmodule
