// The counters of inrarch_outer: the flattened loop of outer.hpp, one iteration per stage. Outputs belong to the iteration
// of this stage.
module inrarch_outer_loop #(
    parameter int ROWS         = 1,
    parameter int RIGHT        = 1,  // columns of the result
    parameter int LANES_LEFT   = 1,
    parameter int LANES_RIGHT  = 1,
    parameter int BLOCKS_LEFT  = 1,
    parameter int BLOCKS_RIGHT = 1,
    parameter int STEP         = 1,
    parameter int RESULTS      = 1,
    parameter int OUT_LANES    = 1,
    parameter int WORDS        = BLOCKS_LEFT * BLOCKS_RIGHT,
    parameter int LEFT_PLACE   = $clog2(2 * BLOCKS_LEFT),
    parameter int RIGHT_PLACE  = $clog2(2 * BLOCKS_RIGHT),
    parameter int WORD_BITS    = WORDS > 1 ? $clog2(WORDS) : 1,
    parameter int ROW_BITS     = LANES_LEFT > 1 ? $clog2(LANES_LEFT) : 1,
    parameter int COLUMN_BITS  = LANES_RIGHT > 1 ? $clog2(LANES_RIGHT) : 1
) (
    input  logic                   clk,
    input  logic                   reset,
    input  logic                   advance,
    output logic                   reading,
    output logic                   adds,        // products are added to the sums
    output logic                   first,       // those of the first row
    output logic [LEFT_PLACE-1:0]  left_place,  // block of the operand in its buffer
    output logic [RIGHT_PLACE-1:0] right_place,
    output logic [WORD_BITS-1:0]   place,       // block of the sums
    output logic [ROW_BITS-1:0]    row_lane,    // of the result in its block
    output logic [COLUMN_BITS-1:0] column_lane,
    output logic                   write,       // the result is the last one of a token
    output logic                   last         // the last one of all
);
    localparam int STEP_BITS   = STEP > 1 ? $clog2(STEP) : 1;
    localparam int COUNT_BITS  = $clog2(ROWS + 1);
    localparam int RESULT_BITS = RESULTS > 1 ? $clog2(RESULTS) : 1;
    localparam int LANE_BITS   = OUT_LANES > 1 ? $clog2(OUT_LANES) : 1;
    localparam int SIDE_BITS   = RIGHT > 1 ? $clog2(RIGHT) : 1;

    logic [STEP_BITS-1:0] t;
    logic [COUNT_BITS-1:0] step;
    logic [RESULT_BITS-1:0] result;
    logic [LANE_BITS-1:0] lane;
    logic [SIDE_BITS-1:0] column;
    logic [WORD_BITS-1:0] word, row_word, sent_word;  // row_word: first block of the row of results
    logic half, multiplying, sending, step_ends, word_ends, block_ends, row_ends, lane_ends;
    logic [LEFT_PLACE-1:0] left_block;
    logic [RIGHT_PLACE-1:0] right_block;

    // Of the step: read a row, multiply the one before it.
    assign step_ends  = t == STEP_BITS'(STEP - 1);
    assign word_ends  = word == WORD_BITS'(WORDS - 1);
    assign block_ends = right_block == RIGHT_PLACE'(BLOCKS_RIGHT - 1);
    assign first      = multiplying && step == COUNT_BITS'(1);
    assign adds       = multiplying;

    assign left_place  = left_block + (half ? LEFT_PLACE'(BLOCKS_LEFT) : '0);
    assign right_place = right_block + (half ? RIGHT_PLACE'(BLOCKS_RIGHT) : '0);

    always_ff @(posedge clk) begin
        if (reset) begin
            t           <= '0;
            step        <= '0;
            half        <= 1'b1;
            multiplying <= 1'b0;
            sending     <= 1'b0;
            reading     <= 1'b1;
            word        <= '0;
            left_block  <= '0;
            right_block <= '0;
        end else if (advance) begin
            t <= step_ends ? '0 : t + 1'b1;
            if (step_ends && reading) begin
                step    <= step + 1'b1;
                half    <= !half;
                reading <= step != COUNT_BITS'(ROWS - 1);
            end
            if (multiplying) begin
                word        <= word_ends ? '0 : word + 1'b1;
                right_block <= block_ends ? '0 : right_block + 1'b1;
                if (block_ends) left_block <= word_ends ? '0 : left_block + 1'b1;
            end
            if (step_ends && reading) multiplying <= 1'b1;
            else if (word_ends) multiplying <= 1'b0;
            if (multiplying && word_ends && !reading) sending <= 1'b1;
            else if (last) sending <= 1'b0;
        end
    end

    // Of the results: column by column of a row, in the blocks of its columns.
    assign place     = sending ? sent_word : word;
    assign row_ends  = column == SIDE_BITS'(RIGHT - 1);
    assign lane_ends = lane == LANE_BITS'(OUT_LANES - 1);
    assign last      = sending && result == RESULT_BITS'(RESULTS - 1);
    assign write     = sending && lane_ends;

    always_ff @(posedge clk) begin
        if (reset) begin
            result      <= '0;
            lane        <= '0;
            column      <= '0;
            row_lane    <= '0;
            column_lane <= '0;
            row_word    <= '0;
            sent_word   <= '0;
        end else if (advance && sending) begin
            result <= result + 1'b1;
            lane   <= lane_ends ? '0 : lane + 1'b1;
            column <= row_ends ? '0 : column + 1'b1;
            if (row_ends) begin
                column_lane <= '0;
                if (row_lane == ROW_BITS'(LANES_LEFT - 1)) begin
                    row_lane  <= '0;
                    row_word  <= row_word + WORD_BITS'(BLOCKS_RIGHT);
                    sent_word <= row_word + WORD_BITS'(BLOCKS_RIGHT);
                end else begin
                    row_lane  <= row_lane + 1'b1;
                    sent_word <= row_word;
                end
            end else if (column_lane == COLUMN_BITS'(LANES_RIGHT - 1)) begin
                column_lane <= '0;
                sent_word   <= sent_word + 1'b1;
            end else begin
                column_lane <= column_lane + 1'b1;
            end
        end
    end
endmodule
