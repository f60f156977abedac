// The double input buffer of a product: 2 * BLOCKS words of LANES inputs with all COEFFICIENTS. The tokens of a row go
// into one half while the other one is multiplied. What is at `place` in a stage leaves two stages later.
//
// A token is kept in a register in the stage of its read. Where it is narrower than a word, it is written in the next
// stage, to its part of the word, a memory of its own. Where it is wider, one word after the other is written: the next
// token comes later, as a step has room for all words of a row.
module inrarch_row_buffer #(
    parameter int INPUTS       = 1,
    parameter int LANES        = 1,
    parameter int STREAM_LANES = 1,
    parameter int FIELDS       = 1,  // of the stream
    parameter int COEFFICIENTS = 1,
    parameter int BITS         = 24,
    parameter int STYLE        = 0,  // of the memories
    parameter logic [COEFFICIENTS*32-1:0] FIELD = '0,  // of each coefficient
    parameter int BLOCKS       = (INPUTS + LANES - 1) / LANES,
    parameter int PLACE_BITS   = $clog2(2 * BLOCKS)
) (
    input  logic                                clk,
    input  logic                                reset,
    input  logic                                advance,
    input  logic                                read,   // a token comes in this stage
    input  logic [STREAM_LANES*FIELDS*BITS-1:0] token,
    input  logic [PLACE_BITS-1:0]               place,  // block of the next stage
    output logic [LANES*COEFFICIENTS*BITS-1:0]  inputs  // lane * COEFFICIENTS + coefficient
);
    localparam int LANE_BITS = COEFFICIENTS * BITS;
    localparam int LAST_WORD = 2 * BLOCKS - 1;

    logic [STREAM_LANES*LANE_BITS-1:0] arriving, arrived;
    logic [PLACE_BITS-1:0] read_place, write_place;
    logic written;  // the word write_place is complete with what is written in this stage

    for (genvar lane = 0; lane < STREAM_LANES; lane++) begin : lanes
        for (genvar number = 0; number < COEFFICIENTS; number++) begin : numbers
            localparam int PLACE = FIELD[number*32 +: 32];
            assign arriving[lane*LANE_BITS + number*BITS +: BITS] = token[(lane*FIELDS + PLACE)*BITS +: BITS];
        end
    end

    always_ff @(posedge clk) begin
        if (advance) read_place <= place;
        if (reset) write_place <= '0;
        else if (advance && written) write_place <= write_place == PLACE_BITS'(LAST_WORD) ? '0 : write_place + 1'b1;
    end

    if (STREAM_LANES > LANES) begin : wide
        localparam int WORDS     = STREAM_LANES / LANES;
        localparam int LEFT_BITS = $clog2(WORDS + 1);
        localparam int WORD_BITS = LANES * LANE_BITS;
        logic [LEFT_BITS-1:0] left;  // words of the token that are not written
        assign written = left != '0;
        always_ff @(posedge clk) begin
            if (reset) left <= '0;
            else if (advance) left <= read ? LEFT_BITS'(WORDS) : left - LEFT_BITS'(written);
            if (advance) arrived <= read ? arriving : arrived >> WORD_BITS;
        end
        inrarch_buffer #(.WORDS(2 * BLOCKS), .BITS(WORD_BITS), .STYLE(STYLE)) memory (
            .clk, .enable(advance), .write(written), .write_place, .in(arrived[WORD_BITS-1:0]),
            .read_place, .data(inputs)
        );
    end else begin : narrow
        localparam int PARTS     = LANES / STREAM_LANES;
        localparam int PART_BITS = STREAM_LANES * LANE_BITS;
        logic [PARTS-1:0] turn;  // part that the token goes to, one-hot
        logic full, row_full;
        assign written = full && (turn[PARTS-1] || row_full);
        always_ff @(posedge clk) begin
            if (reset) full <= 1'b0;
            else if (advance) full <= read;
            if (advance) arrived <= arriving;
        end
        if (INPUTS % LANES == 0) begin : even
            assign row_full = 1'b0;
        end else begin : uneven
            localparam int LAST_PART = INPUTS % LANES / STREAM_LANES - 1;
            assign row_full = turn[LAST_PART] &&
                              (write_place == PLACE_BITS'(BLOCKS - 1) || write_place == PLACE_BITS'(LAST_WORD));
        end
        if (PARTS == 1) begin : whole
            assign turn = 1'b1;
        end else begin : in_parts
            always_ff @(posedge clk) begin
                if (reset) turn <= PARTS'(1);
                else if (advance && full) turn <= written ? PARTS'(1) : turn << 1;
            end
        end
        for (genvar part = 0; part < PARTS; part++) begin : memories
            inrarch_buffer #(.WORDS(2 * BLOCKS), .BITS(PART_BITS), .STYLE(STYLE)) memory (
                .clk, .enable(advance), .write(full && turn[part]), .write_place, .in(arrived),
                .read_place, .data(inputs[part*PART_BITS +: PART_BITS])
            );
        end
    end

    // Fields that are no coefficient.
    logic unused;
    assign unused = &{1'b0, token};
endmodule
