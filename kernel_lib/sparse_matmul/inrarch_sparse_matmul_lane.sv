// A lane of inrarch_sparse_matmul: LANES_IN products per stage and coefficient, added to one sum, which begins with 0 or
// with the carry of the next lane. A sum that is complete goes into a double buffer of the lane's results. Times: factors
// come in stage 0, `active` and `mark` in stage 3 + ceil(log2(LANES_IN)).
module inrarch_sparse_matmul_lane #(
    parameter int LANES_IN     = 1,
    parameter int COEFFICIENTS = 1,
    parameter int DATA_BITS    = 24,
    parameter int WEIGHT_BITS  = 18,
    parameter int SUM_BITS     = 48,
    parameter int SEGMENT_BITS = 1,  // of the pieces of a row; 0 for one
    parameter int STYLE        = 0,  // of the memory of results
    parameter int WIDE         = 27,  // signed bits of the multiplier blocks
    parameter int NARROW       = 18,
    parameter int PLACE_BITS   = SEGMENT_BITS + 1
) (
    input  logic                                       clk,
    input  logic                                       reset,
    input  logic                                       advance,
    input  logic [LANES_IN*COEFFICIENTS*DATA_BITS-1:0] operands,  // product * COEFFICIENTS + coefficient
    input  logic [LANES_IN*WEIGHT_BITS-1:0]            weights,
    input  logic                                       active,
    input  logic                                       row_ends,
    input  logic [3:0]                                 mark,  // begin, begin with the carry, a result, leave as carry
    input  logic [COEFFICIENTS*SUM_BITS-1:0]           next_carry,
    output logic [COEFFICIENTS*SUM_BITS-1:0]           carry,
    input  logic [PLACE_BITS-1:0]                      read_place,  // half, piece
    output logic [COEFFICIENTS*SUM_BITS-1:0]           result       // a stage later
);
    localparam int PRODUCT_BITS = DATA_BITS + WEIGHT_BITS;

    logic [COEFFICIENTS*SUM_BITS-1:0] totals;
    logic [PLACE_BITS-1:0] write_place;
    logic complete, ends, row_ended, half;  // of the sums in `totals`

    for (genvar number = 0; number < COEFFICIENTS; number++) begin : coefficients
        logic [LANES_IN*PRODUCT_BITS-1:0] products;
        logic [SUM_BITS-1:0] added, earlier, sum, total, kept;

        for (genvar i = 0; i < LANES_IN; i++) begin : inputs
            inrarch_product #(.A_BITS(DATA_BITS), .B_BITS(WEIGHT_BITS), .WIDE(WIDE), .NARROW(NARROW)) multiply (
                .clk, .enable(advance),
                .a(operands[(i*COEFFICIENTS + number)*DATA_BITS +: DATA_BITS]),
                .b(weights[i*WEIGHT_BITS +: WEIGHT_BITS]), .out(products[i*PRODUCT_BITS +: PRODUCT_BITS])
            );
        end
        inrarch_sum_tree #(.COUNT(LANES_IN), .BITS(PRODUCT_BITS), .OUT_BITS(SUM_BITS)) tree (
            .clk, .enable(advance), .in(products), .sum(added)
        );
        assign earlier = mark[1] ? next_carry[number*SUM_BITS +: SUM_BITS] : mark[0] ? '0 : total;
        assign sum     = earlier + added;
        always_ff @(posedge clk) begin
            if (advance) begin
                total <= sum;
                if (mark[3]) kept <= sum;
            end
        end
        assign totals[number*SUM_BITS +: SUM_BITS] = total;
        assign carry[number*SUM_BITS +: SUM_BITS]  = kept;
    end

    always_ff @(posedge clk) begin
        if (reset) begin
            complete  <= 1'b0;
            ends      <= 1'b0;
            row_ended <= 1'b0;
            half      <= 1'b0;
        end else if (advance) begin
            complete  <= active && mark[2];
            ends      <= active && (mark[2] || mark[3]);
            row_ended <= active && row_ends;
            half      <= half ^ row_ended;
        end
    end

    if (SEGMENT_BITS == 0) begin : one_piece
        assign write_place = half;
        logic unused;
        assign unused = &{1'b0, ends};
    end else begin : pieces
        logic [SEGMENT_BITS-1:0] segment;
        assign write_place = {half, segment};
        always_ff @(posedge clk) begin
            if (reset) segment <= '0;
            else if (advance) segment <= row_ended ? '0 : segment + SEGMENT_BITS'(ends);
        end
    end

    inrarch_buffer #(.WORDS(2 << SEGMENT_BITS), .BITS(COEFFICIENTS * SUM_BITS), .STYLE(STYLE)) results (
        .clk, .enable(advance), .write(complete), .write_place, .in(totals), .read_place, .data(result)
    );
endmodule
