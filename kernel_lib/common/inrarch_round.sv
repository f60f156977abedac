// floor(v / 2^SHIFT + 1/2), clipped to OUT_BITS signed bits; a negative SHIFT is an exact shift to the left. No clock.
// The definition is round_shift of inrarch/numeric/arithmetic.py.
module inrarch_round #(
    parameter int IN_BITS  = 2,
    parameter int SHIFT    = 0,
    parameter int OUT_BITS = 2
) (
    input  logic signed [IN_BITS-1:0]  in,
    output logic signed [OUT_BITS-1:0] out
);
    // Of the exact quotient; one bit more than the operand for the half that is added.
    localparam int WIDE = SHIFT <= 0 ? IN_BITS - SHIFT : SHIFT < IN_BITS ? IN_BITS + 1 - SHIFT : 1;

    logic signed [WIDE-1:0] exact;

    if (SHIFT <= 0) begin : left
        if (SHIFT == 0) begin : same
            assign exact = in;
        end else begin : up
            assign exact = {in, {-SHIFT{1'b0}}};
        end
    end else if (SHIFT < IN_BITS) begin : right
        logic signed [IN_BITS:0] raised;
        localparam logic signed [IN_BITS:0] HALF = (IN_BITS + 1)'(1) << (SHIFT - 1);
        assign raised = (IN_BITS + 1)'(in) + HALF;
        assign exact  = raised[IN_BITS:SHIFT];
        logic unused;
        assign unused = &{1'b0, raised[SHIFT-1:0]};
    end else begin : away
        assign exact = 1'b0;
        logic unused;
        assign unused = &{1'b0, in};
    end

    if (OUT_BITS >= WIDE) begin : fits
        assign out = OUT_BITS'(exact);
    end else begin : clipped
        logic same_signs;
        assign same_signs = exact[WIDE-1:OUT_BITS-1] == {(WIDE - OUT_BITS + 1) {exact[WIDE-1]}};
        assign out = same_signs ? exact[OUT_BITS-1:0] : {exact[WIDE-1], {(OUT_BITS - 1) {!exact[WIDE-1]}}};
    end
endmodule
