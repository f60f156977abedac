// The products and sums of inrarch_matmul: LANES_OUT x LANES_IN x LANES products per stage; per output and coefficient
// lane, a tree adds LANES_IN of them, and one adder the tree's sum to what came before. The sums of TURNS blocks of
// coefficients move in a circle. Times: factors come in stage 0, `first`, `turn` and the biases in stage 3 + LEVELS with
// LEVELS = ceil(log2(LANES_IN)), the sums leave in stage 4 + LEVELS.
module inrarch_matmul_sums #(
    parameter int LANES_IN     = 1,
    parameter int LANES_OUT    = 1,
    parameter int LANES        = 1,  // of coefficients
    parameter int COEFFICIENTS = 1,
    parameter int DATA_BITS    = 24,
    parameter int WEIGHT_BITS  = 18,
    parameter int SUM_BITS     = 48,
    parameter int BIAS_BITS    = 1,  // of all biases of a group
    parameter logic [COEFFICIENTS*32-1:0] BIAS = '0,  // row of the biases of each coefficient, or -1
    parameter int WIDE         = 27,  // signed bits of the multiplier blocks
    parameter int NARROW       = 18,
    parameter int TURNS        = (COEFFICIENTS + LANES - 1) / LANES,
    parameter int TURN_BITS    = TURNS > 1 ? $clog2(TURNS) : 1
) (
    input  logic                                       clk,
    input  logic                                       advance,
    input  logic [LANES_IN*LANES*DATA_BITS-1:0]        inputs,  // input * LANES + lane
    input  logic [LANES_OUT*LANES_IN*WEIGHT_BITS-1:0]  weights,
    input  logic                                       first,
    input  logic [TURN_BITS-1:0]                       turn,
    input  logic [BIAS_BITS-1:0]                        biases,
    output logic [LANES_OUT*LANES*SUM_BITS-1:0]        sums     // output * LANES + lane
);
    localparam int PRODUCT_BITS = DATA_BITS + WEIGHT_BITS;

    for (genvar o = 0; o < LANES_OUT; o++) begin : outputs
        for (genvar lane = 0; lane < LANES; lane++) begin : lanes
            logic [LANES_IN*PRODUCT_BITS-1:0] products;
            logic signed [SUM_BITS-1:0] added, earlier, bias, total;
            logic [TURNS*SUM_BITS-1:0] bias_of;  // each turn

            for (genvar i = 0; i < LANES_IN; i++) begin : inputs_in
                inrarch_product #(.A_BITS(DATA_BITS), .B_BITS(WEIGHT_BITS), .WIDE(WIDE), .NARROW(NARROW)) multiply (
                    .clk, .enable(advance),
                    .a(inputs[(i*LANES + lane)*DATA_BITS +: DATA_BITS]),
                    .b(weights[(o*LANES_IN + i)*WEIGHT_BITS +: WEIGHT_BITS]),
                    .out(products[i*PRODUCT_BITS +: PRODUCT_BITS])
                );
            end
            inrarch_sum_tree #(.COUNT(LANES_IN), .BITS(PRODUCT_BITS), .OUT_BITS(SUM_BITS)) tree (
                .clk, .enable(advance), .in(products), .sum(added)
            );

            for (genvar block = 0; block < TURNS; block++) begin : blocks
                localparam int NUMBER = block * LANES + lane;
                localparam int ROW = NUMBER < COEFFICIENTS ? BIAS[(NUMBER % COEFFICIENTS)*32 +: 32] : -1;
                if (ROW < 0) begin : none
                    assign bias_of[block*SUM_BITS +: SUM_BITS] = '0;
                end else begin : some
                    assign bias_of[block*SUM_BITS +: SUM_BITS] = biases[(ROW*LANES_OUT + o)*SUM_BITS +: SUM_BITS];
                end
            end
            assign bias = bias_of[32'(turn)*SUM_BITS +: SUM_BITS];

            always_ff @(posedge clk) if (advance) total <= (first ? bias : earlier) + added;
            inrarch_delay #(.BITS(SUM_BITS), .CYCLES(TURNS - 1)) others (
                .clk, .enable(advance), .in(total), .out(earlier)
            );
            assign sums[(o*LANES + lane)*SUM_BITS +: SUM_BITS] = total;
        end
    end

    // Biases that no coefficient has.
    logic unused;
    assign unused = &{1'b0, biases, turn};
endmodule
