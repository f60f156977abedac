// One operand, rounded and saturated, in 1 cycle. KIND 0: as it is, 1: negated, 2: its magnitude, 3: 0 where negative.
module inrarch_unary #(
    parameter int KIND     = 0,
    parameter int A_BITS   = 2,
    parameter int SHIFT    = 0,
    parameter int OUT_BITS = 2
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [A_BITS-1:0]   a,
    output logic signed [OUT_BITS-1:0] out
);
    logic signed [A_BITS:0]     wide, exact;
    logic signed [OUT_BITS-1:0] rounded;

    assign wide = (A_BITS + 1)'(a);

    if (KIND == 1) begin : negated
        assign exact = -wide;
    end else if (KIND == 2) begin : magnitude
        assign exact = a[A_BITS-1] ? -wide : wide;
    end else if (KIND == 3) begin : positive
        assign exact = a[A_BITS-1] ? '0 : wide;
    end else begin : plain
        assign exact = wide;
    end

    inrarch_round #(.IN_BITS(A_BITS + 1), .SHIFT(SHIFT), .OUT_BITS(OUT_BITS)) round (.in(exact), .out(rounded));

    always_ff @(posedge clk) if (enable) out <= rounded;
endmodule
