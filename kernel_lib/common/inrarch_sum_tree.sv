// The sum of COUNT signed numbers, ceil(log2(COUNT)) stages later: a tree of adders with a register behind each.
// It is cut to OUT_BITS bits, or extended.
module inrarch_sum_tree #(
    parameter int COUNT    = 1,
    parameter int BITS     = 1,
    parameter int OUT_BITS = 1
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic [COUNT*BITS-1:0]      in,  // the first number lowest
    output logic signed [OUT_BITS-1:0] sum
);
    localparam int PAIRS = COUNT / 2;
    localparam int NEXT  = COUNT - PAIRS;
    localparam int WIDE  = BITS < OUT_BITS ? BITS + 1 : OUT_BITS;

    if (COUNT == 1) begin : one
        assign sum = OUT_BITS'($signed(in));
        if (BITS > OUT_BITS) begin : cut
            logic unused;
            assign unused = &{1'b0, clk, enable, in};
        end else begin : kept
            logic unused;
            assign unused = &{1'b0, clk, enable};
        end
    end else begin : several
        logic [NEXT*WIDE-1:0] level;
        for (genvar pair = 0; pair < PAIRS; pair++) begin : pairs
            logic signed [WIDE-1:0] a, b;
            assign a = WIDE'($signed(in[2*pair*BITS +: BITS]));
            assign b = WIDE'($signed(in[(2*pair+1)*BITS +: BITS]));
            always_ff @(posedge clk) if (enable) level[pair*WIDE +: WIDE] <= a + b;
        end
        if (NEXT > PAIRS) begin : odd
            always_ff @(posedge clk) if (enable) level[PAIRS*WIDE +: WIDE] <= WIDE'($signed(in[(COUNT-1)*BITS +: BITS]));
        end
        inrarch_sum_tree #(.COUNT(NEXT), .BITS(WIDE), .OUT_BITS(OUT_BITS)) rest (.clk, .enable, .in(level), .sum);
    end
endmodule
