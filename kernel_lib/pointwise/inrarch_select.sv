// `a` where the condition holds, else `b`, each rounded and saturated to the result's format: 1 cycle.
module inrarch_select #(
    parameter int A_BITS   = 2,
    parameter int A_SHIFT  = 0,
    parameter int B_BITS   = 2,
    parameter int B_SHIFT  = 0,
    parameter int OUT_BITS = 2
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic                       condition,
    input  logic signed [A_BITS-1:0]   a,
    input  logic signed [B_BITS-1:0]   b,
    output logic signed [OUT_BITS-1:0] out
);
    logic signed [OUT_BITS-1:0] first, second;

    inrarch_round #(.IN_BITS(A_BITS), .SHIFT(A_SHIFT), .OUT_BITS(OUT_BITS)) round_a (.in(a), .out(first));
    inrarch_round #(.IN_BITS(B_BITS), .SHIFT(B_SHIFT), .OUT_BITS(OUT_BITS)) round_b (.in(b), .out(second));

    always_ff @(posedge clk) if (enable) out <= condition ? first : second;
endmodule
