// The nearest whole numbers at binary point 0, ties to even, brought to the result's format: 2 cycles. FRAC: of the
// operand; SHIFT: from binary point 0 to the result's.
module inrarch_round_even #(
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
    localparam int RAISED = FRAC < 0 ? -FRAC : 0;
    localparam int BITS   = FRAC <= 0 ? A_BITS + RAISED : FRAC < A_BITS ? A_BITS + 1 - FRAC : 1;

    logic signed [BITS-1:0]     nearest, whole;
    logic signed [OUT_BITS-1:0] rounded;

    if (FRAC <= 0) begin : left
        assign nearest = BITS'(a) <<< RAISED;
    end else if (FRAC < A_BITS) begin : right
        // A tie is rounded up first; its last bit then goes, which leaves an even number.
        localparam logic signed [A_BITS:0] HALF = (A_BITS + 1)'(1) << (FRAC - 1);
        logic signed [A_BITS:0] sum;
        logic tie;
        assign sum     = (A_BITS + 1)'(a) + HALF;
        assign tie     = a[FRAC-1:0] == HALF[FRAC-1:0];
        assign nearest = {sum[A_BITS:FRAC+1], sum[FRAC] && !tie};
        logic unused;
        assign unused = &{1'b0, sum[FRAC-1:0]};
    end else begin : away  // at most 1/2
        assign nearest = '0;
        logic unused;
        assign unused = &{1'b0, a};
    end

    inrarch_round #(.IN_BITS(BITS), .SHIFT(SHIFT), .OUT_BITS(OUT_BITS)) round (.in(whole), .out(rounded));

    always_ff @(posedge clk) begin
        if (enable) begin
            whole <= nearest;
            out   <= rounded;
        end
    end
endmodule
