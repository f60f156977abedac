// left^T right, summed over the rows of an invocation (outer.hpp): LANES_LEFT x LANES_RIGHT products per stage. The row
// that has been read is multiplied, block by block, while the next one is read; after the last block of the last row an
// iteration per sum gives the results, row by row. Behind an iteration:
//   2    the operands leave the buffers
//   3    they are rounded
//   6    their products are complete
//   7    and added to the sums of the block
//   9    one sum is chosen, first by its row, then by its column
//   11   it is rounded, and clipped
//   12   it is in the output token, which is written in this stage if it is complete
module inrarch_outer #(
    parameter int ROWS         = 1,
    parameter int LEFT         = 1,   // features
    parameter int RIGHT        = 1,
    parameter int LANES_LEFT   = 1,   // of the products
    parameter int LANES_RIGHT  = 1,
    parameter int STREAM_LEFT  = 1,   // lanes of the streams
    parameter int STREAM_RIGHT = 1,
    parameter int FIELDS_LEFT  = 1,   // of a token
    parameter int FIELDS_RIGHT = 1,
    parameter int LEFT_FIELD   = 0,   // that is multiplied
    parameter int RIGHT_FIELD  = 0,
    parameter int BITS         = 24,  // of a field, of the output too
    parameter int LEFT_BITS    = 24,  // of an operand at the multiplier
    parameter int RIGHT_BITS   = 24,
    parameter int LEFT_SHIFT   = 0,   // binary places that its rounding drops
    parameter int RIGHT_SHIFT  = 0,
    parameter int SUM_BITS     = 48,
    parameter int SHIFT        = 0,   // binary places that the rounding of a sum drops
    parameter int STEP         = 1,
    parameter int OUT_LANES    = 1,
    parameter int MULTIPLIER_WIDE   = 27,
    parameter int MULTIPLIER_NARROW = 18,
    parameter int LEFT_STYLE   = 0,   // of the memories of left, of right, of the sums
    parameter int RIGHT_STYLE  = 0,
    parameter int SUM_STYLE    = 0,
    parameter int LEFT_TOKEN  = STREAM_LEFT * FIELDS_LEFT * BITS,
    parameter int RIGHT_TOKEN = STREAM_RIGHT * FIELDS_RIGHT * BITS
) (
    input  logic                              clk,
    input  logic                              reset,
    input  logic [RIGHT_TOKEN+LEFT_TOKEN-1:0] in_data,
    input  logic [1:0]                        in_valid,
    output logic [1:0]                        in_ready,
    output logic [OUT_LANES*BITS-1:0]         out_data,
    output logic                              out_valid,
    input  logic                              out_ready
);
    localparam int LATENCY      = 12;
    localparam int BLOCKS_LEFT  = (LEFT + LANES_LEFT - 1) / LANES_LEFT;
    localparam int BLOCKS_RIGHT = (RIGHT + LANES_RIGHT - 1) / LANES_RIGHT;
    localparam int WORDS        = BLOCKS_LEFT * BLOCKS_RIGHT;
    localparam int COUNT        = LANES_LEFT * LANES_RIGHT;
    localparam int PRODUCT_BITS = LEFT_BITS + RIGHT_BITS;
    localparam int LEFT_PLACE   = $clog2(2 * BLOCKS_LEFT);
    localparam int RIGHT_PLACE  = $clog2(2 * BLOCKS_RIGHT);
    localparam int WORD_BITS    = WORDS > 1 ? $clog2(WORDS) : 1;
    localparam int ROW_BITS     = LANES_LEFT > 1 ? $clog2(LANES_LEFT) : 1;
    localparam int COLUMN_BITS  = LANES_RIGHT > 1 ? $clog2(LANES_RIGHT) : 1;

    logic advance, restart, last_stage, left_turn, right_turn, reading, adds, first, last, write, write_due;
    logic sum_adds, sum_first;
    logic [1:0] read_due, taken;
    logic [LEFT_TOKEN-1:0] left_token;
    logic [RIGHT_TOKEN-1:0] right_token;
    logic [LEFT_PLACE-1:0] left_place;
    logic [RIGHT_PLACE-1:0] right_place;
    logic [WORD_BITS-1:0] place, sum_place;
    logic [ROW_BITS-1:0] row_lane, chosen_row;
    logic [COLUMN_BITS-1:0] column_lane, chosen_column;
    logic [LANES_LEFT*BITS-1:0] left;
    logic [LANES_RIGHT*BITS-1:0] right;
    logic [LANES_LEFT*LEFT_BITS-1:0] left_factors;
    logic [LANES_RIGHT*RIGHT_BITS-1:0] right_factors;
    logic [COUNT*PRODUCT_BITS-1:0] products;
    logic [COUNT*SUM_BITS-1:0] sums;
    logic [LANES_RIGHT*SUM_BITS-1:0] row;
    logic [SUM_BITS-1:0] sum;
    logic [BITS-1:0] clipped, result;
    logic [(OUT_LANES+1)*BITS-1:0] moved;

    assign restart  = reset || (advance && last_stage);
    assign read_due = {right_turn && reading, left_turn && reading};

    inrarch_control #(.READS(2)) control (
        .clk, .reset, .read_due, .write_due, .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );
    inrarch_outer_loop #(
        .ROWS(ROWS), .RIGHT(RIGHT), .LANES_LEFT(LANES_LEFT), .LANES_RIGHT(LANES_RIGHT), .BLOCKS_LEFT(BLOCKS_LEFT),
        .BLOCKS_RIGHT(BLOCKS_RIGHT), .STEP(STEP), .RESULTS(LEFT * RIGHT), .OUT_LANES(OUT_LANES)
    ) iterations (
        .clk, .reset(restart), .advance, .reading, .adds, .first, .left_place, .right_place, .place, .row_lane,
        .column_lane, .write, .last
    );
    inrarch_delay_reset #(.BITS(2), .CYCLES(LATENCY)) write_delay (
        .clk, .reset(restart), .enable(advance), .in({last, write}), .out({last_stage, write_due})
    );

    inrarch_turns #(.PERIOD(STEP), .EVENTS(LEFT / STREAM_LEFT)) left_reads (
        .clk, .reset(restart), .advance, .due(left_turn)
    );
    inrarch_turns #(.PERIOD(STEP), .EVENTS(RIGHT / STREAM_RIGHT)) right_reads (
        .clk, .reset(restart), .advance, .due(right_turn)
    );
    inrarch_taken #(.BITS(LEFT_TOKEN)) left_read (
        .clk, .taken(taken[0]), .in_data(in_data[LEFT_TOKEN-1:0]), .data(left_token)
    );
    inrarch_taken #(.BITS(RIGHT_TOKEN)) right_read (
        .clk, .taken(taken[1]), .in_data(in_data[RIGHT_TOKEN+LEFT_TOKEN-1:LEFT_TOKEN]), .data(right_token)
    );
    inrarch_row_buffer #(
        .INPUTS(LEFT), .LANES(LANES_LEFT), .STREAM_LANES(STREAM_LEFT), .FIELDS(FIELDS_LEFT), .COEFFICIENTS(1),
        .BITS(BITS), .STYLE(LEFT_STYLE), .FIELD(LEFT_FIELD)
    ) left_rows (
        .clk, .reset(restart), .advance, .read(read_due[0]), .token(left_token), .place(left_place), .inputs(left)
    );
    inrarch_row_buffer #(
        .INPUTS(RIGHT), .LANES(LANES_RIGHT), .STREAM_LANES(STREAM_RIGHT), .FIELDS(FIELDS_RIGHT), .COEFFICIENTS(1),
        .BITS(BITS), .STYLE(RIGHT_STYLE), .FIELD(RIGHT_FIELD)
    ) right_rows (
        .clk, .reset(restart), .advance, .read(read_due[1]), .token(right_token), .place(right_place), .inputs(right)
    );

    for (genvar a = 0; a < LANES_LEFT; a++) begin : left_lanes
        logic [LEFT_BITS-1:0] rounded;
        inrarch_round #(.IN_BITS(BITS), .SHIFT(LEFT_SHIFT), .OUT_BITS(LEFT_BITS)) rounding (
            .in(left[a*BITS +: BITS]), .out(rounded)
        );
        always_ff @(posedge clk) if (advance) left_factors[a*LEFT_BITS +: LEFT_BITS] <= rounded;
    end
    for (genvar b = 0; b < LANES_RIGHT; b++) begin : right_lanes
        logic [RIGHT_BITS-1:0] rounded;
        inrarch_round #(.IN_BITS(BITS), .SHIFT(RIGHT_SHIFT), .OUT_BITS(RIGHT_BITS)) rounding (
            .in(right[b*BITS +: BITS]), .out(rounded)
        );
        always_ff @(posedge clk) if (advance) right_factors[b*RIGHT_BITS +: RIGHT_BITS] <= rounded;
    end
    for (genvar a = 0; a < LANES_LEFT; a++) begin : rows
        for (genvar b = 0; b < LANES_RIGHT; b++) begin : columns
            inrarch_product #(
                .A_BITS(LEFT_BITS), .B_BITS(RIGHT_BITS), .WIDE(MULTIPLIER_WIDE), .NARROW(MULTIPLIER_NARROW)
            ) product (
                .clk, .enable(advance),
                .a(left_factors[a*LEFT_BITS +: LEFT_BITS]), .b(right_factors[b*RIGHT_BITS +: RIGHT_BITS]),
                .out(products[(a*LANES_RIGHT+b)*PRODUCT_BITS +: PRODUCT_BITS])
            );
        end
    end

    inrarch_delay #(.BITS(WORD_BITS), .CYCLES(4)) place_delay (
        .clk, .enable(advance), .in(place), .out(sum_place)
    );
    inrarch_delay #(.BITS(2), .CYCLES(6)) add_delay (
        .clk, .enable(advance), .in({adds, first}), .out({sum_adds, sum_first})
    );
    inrarch_running_sums #(
        .WORDS(WORDS), .COUNT(COUNT), .IN_BITS(PRODUCT_BITS), .SUM_BITS(SUM_BITS), .STYLE(SUM_STYLE)
    ) blocks (
        .clk, .advance, .place(sum_place), .adds(sum_adds), .first(sum_first), .in(products), .sums
    );

    inrarch_delay #(.BITS(ROW_BITS), .CYCLES(7)) row_delay (
        .clk, .enable(advance), .in(row_lane), .out(chosen_row)
    );
    inrarch_delay #(.BITS(COLUMN_BITS), .CYCLES(8)) column_delay (
        .clk, .enable(advance), .in(column_lane), .out(chosen_column)
    );
    always_ff @(posedge clk) begin
        if (advance) begin
            row <= sums[32'(chosen_row)*LANES_RIGHT*SUM_BITS +: LANES_RIGHT*SUM_BITS];
            sum <= row[32'(chosen_column)*SUM_BITS +: SUM_BITS];
        end
    end
    inrarch_round_stage #(.IN_BITS(SUM_BITS), .SHIFT(SHIFT), .OUT_BITS(BITS)) rounding (
        .clk, .enable(advance), .in(sum), .out(clipped)
    );

    // The first result of a token ends up lowest.
    assign moved = {result, out_data};
    always_ff @(posedge clk) begin
        if (advance) begin
            result   <= clipped;
            out_data <= moved[(OUT_LANES+1)*BITS-1:BITS];
        end
    end

    // The result that is moved out.
    logic unused;
    assign unused = &{1'b0, moved[BITS-1:0]};
endmodule
