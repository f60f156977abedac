// A signed product in 3 cycles, cut into tiles of a device's multiplier of WIDE x NARROW signed bits (dsp_tiles of
// inrarch/dataflow/tiles.py: the upper tile of a factor is signed, the others are unsigned and a bit narrower).
// Several tiles: products, sums along the wide side, sum of these. One tile: factors, product, result. A factor of at most
// 2 bits takes no multiplier.
//
// WIDE, NARROW: DSP48E2: 27 x 18, DSP48E1: 25 x 18, MULT18X18D: 18 x 18; the result does not depend on them.
module inrarch_product #(
    parameter int A_BITS = 2,
    parameter int B_BITS = 2,
    parameter int WIDE   = 27,
    parameter int NARROW = 18
) (
    input  logic                             clk,
    input  logic                             enable,
    input  logic signed [A_BITS-1:0]         a,
    input  logic signed [B_BITS-1:0]         b,
    output logic signed [A_BITS+B_BITS-1:0]  out
);
    localparam int BITS = A_BITS + B_BITS;
    // Tiles of A and B: along the wide and along the narrow side.
    localparam int A_WIDE   = A_BITS > 2 ? (A_BITS + WIDE - 3) / (WIDE - 1) : 1;
    localparam int B_WIDE   = B_BITS > 2 ? (B_BITS + WIDE - 3) / (WIDE - 1) : 1;
    localparam int A_NARROW = A_BITS > 2 ? (A_BITS + NARROW - 3) / (NARROW - 1) : 1;
    localparam int B_NARROW = B_BITS > 2 ? (B_BITS + NARROW - 3) / (NARROW - 1) : 1;
    localparam bit AS_GIVEN = A_WIDE * B_NARROW < B_WIDE * A_NARROW
                           || (A_WIDE * B_NARROW == B_WIDE * A_NARROW && A_WIDE <= B_WIDE);
    localparam int LONG_BITS   = AS_GIVEN ? A_BITS : B_BITS;
    localparam int SHORT_BITS  = AS_GIVEN ? B_BITS : A_BITS;
    localparam int LONG_TILES  = AS_GIVEN ? A_WIDE : B_WIDE;
    localparam int SHORT_TILES = AS_GIVEN ? B_NARROW : A_NARROW;

    logic signed [LONG_BITS-1:0]  long;
    logic signed [SHORT_BITS-1:0] short;

    if (AS_GIVEN) begin : given
        assign long  = a;
        assign short = b;
    end else begin : swapped
        assign long  = b;
        assign short = a;
    end

    if (A_BITS <= 2 || B_BITS <= 2) begin : shifts
        // -2, -1, 0 or 1 times the other factor: no multiplier, also where the tool does not see that it is a constant.
        localparam int FEW  = A_BITS < B_BITS ? A_BITS : B_BITS;
        localparam int MANY = BITS - FEW;
        logic signed [MANY-1:0] many;
        logic signed [FEW-1:0]  few;
        logic signed [BITS-1:0] once, twice, multiplied;
        assign once  = FEW == 2 && few[0] ? BITS'(many) : '0;
        assign twice = few[FEW-1] ? BITS'(many) <<< (FEW - 1) : '0;
        always_ff @(posedge clk) begin
            if (enable) begin
                many       <= A_BITS < B_BITS ? MANY'(b) : MANY'(a);
                few        <= A_BITS < B_BITS ? FEW'(a) : FEW'(b);
                multiplied <= once - twice;
                out        <= multiplied;
            end
        end
        logic unused;
        assign unused = &{1'b0, long, short};
    end else if (LONG_TILES * SHORT_TILES == 1) begin : single
        logic signed [LONG_BITS-1:0]  left;
        logic signed [SHORT_BITS-1:0] right;
        logic signed [BITS-1:0]       multiplied;
        always_ff @(posedge clk) begin
            if (enable) begin
                left       <= long;
                right      <= short;
                multiplied <= BITS'(left) * BITS'(right);
                out        <= multiplied;
            end
        end
    end else begin : tiles
        logic [LONG_TILES*SHORT_TILES*BITS-1:0] spread;  // products of tiles at their places
        logic [SHORT_TILES*BITS-1:0]            rows, row_sums;
        logic [BITS-1:0]                        sum;

        for (genvar i = 0; i < LONG_TILES; i++) begin : along
            localparam int LOW  = i * (WIDE - 1);
            localparam int WIDTH = i == LONG_TILES - 1 ? LONG_BITS - LOW : WIDE;
            logic signed [WIDTH-1:0] part;
            if (i == LONG_TILES - 1) begin : upper
                assign part = long[LONG_BITS-1:LOW];
            end else begin : lower
                assign part = {1'b0, long[LOW +: WIDE-1]};
            end
            for (genvar j = 0; j < SHORT_TILES; j++) begin : across
                localparam int OTHER_LOW   = j * (NARROW - 1);
                localparam int OTHER_WIDTH = j == SHORT_TILES - 1 ? SHORT_BITS - OTHER_LOW : NARROW;
                localparam int PRODUCT     = WIDTH + OTHER_WIDTH;
                logic signed [OTHER_WIDTH-1:0] other;
                logic signed [PRODUCT-1:0]     multiplied;
                if (j == SHORT_TILES - 1) begin : upper
                    assign other = short[SHORT_BITS-1:OTHER_LOW];
                end else begin : lower
                    assign other = {1'b0, short[OTHER_LOW +: NARROW-1]};
                end
                always_ff @(posedge clk) if (enable) multiplied <= PRODUCT'(part) * PRODUCT'(other);
                assign spread[(j*LONG_TILES+i)*BITS +: BITS] = BITS'(multiplied) <<< (LOW + OTHER_LOW);
            end
        end
        always_comb begin
            rows = '0;
            sum  = '0;
            for (int j = 0; j < SHORT_TILES; j++) begin
                for (int i = 0; i < LONG_TILES; i++) begin
                    rows[j*BITS +: BITS] = rows[j*BITS +: BITS] + spread[(j*LONG_TILES+i)*BITS +: BITS];
                end
                sum = sum + row_sums[j*BITS +: BITS];
            end
        end
        always_ff @(posedge clk) begin
            if (enable) begin
                row_sums <= rows;
                out      <= sum;
            end
        end
    end
endmodule
