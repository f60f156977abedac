// Elements in another order (reorder.hpp). Rows are read into memories that hold two of them; the row that began LAG
// iterations ago is written by a program, a word per output token: for each number which memory, and the place in it, or
// a constant. Behind an iteration:
//   1   what it has read is in a register; the word of the program is there
//   2   the memories give their numbers
//   3   one of them, or the constant, is chosen
//   5   it is rounded, and clipped; the token is written in this stage
module inrarch_reorder #(
    parameter int ROWS         = 1,  // of the batch
    parameter int STEP         = 1,  // iterations per row
    parameter int LAG          = 0,
    parameter int STAGES       = 6,  // of an invocation: the last access, and 1
    parameter int BITS         = 24,
    parameter int INPUTS       = 1,
    parameter int IN_NUMBERS   = 1,  // of the tokens of all inputs
    parameter int NUMBERS      = 1,  // of an output token
    parameter int WRITES       = 1,  // output tokens of a row
    parameter int SOURCES      = 1,  // of all numbers
    parameter int PROGRAM_BITS = 1,
    parameter logic [INPUTS*32-1:0]  TOKENS = 32'd1,  // of a row, of each input; 0: it is never read
    parameter logic [INPUTS*32-1:0]  WIDTH  = 32'd1,  // numbers of a token of each input
    parameter logic [INPUTS*32-1:0]  STYLE  = '0,     // of the memories of each input
    // Number n of a token has the sources FIRST[n] ... FIRST[n+1] - 1: memories, and at last constants.
    parameter logic [(NUMBERS+1)*32-1:0] FIRST = {32'd1, 32'd0},
    parameter logic [SOURCES*32-1:0] INPUT  = '0,     // whose numbers go into the memory; -1: constants
    parameter logic [SOURCES*32-1:0] PLACE  = '0,     // of the number among those of all inputs
    parameter logic [SOURCES*32-1:0] SHIFT  = '0,     // binary places that its rounding drops
    parameter logic [NUMBERS*32-1:0] CODE   = '0,     // lowest bit of a number's code in a word of the program:
    parameter logic [NUMBERS*32-1:0] OPERAND_BITS = 32'd1,  // the place in the memory, or the constant; then the source
    parameter int PROGRAM_ADDRESS = WRITES > 1 ? $clog2(WRITES) : 1
) (
    input  logic                       clk,
    input  logic                       reset,
    input  logic [IN_NUMBERS*BITS-1:0] in_data,
    input  logic [INPUTS-1:0]          in_valid,
    output logic [INPUTS-1:0]          in_ready,
    output logic [NUMBERS*BITS-1:0]    out_data,
    output logic                       out_valid,
    input  logic                       out_ready,
    output logic [PROGRAM_ADDRESS-1:0] program_address,
    output logic                       program_enable,
    input  logic [PROGRAM_BITS-1:0]    program_data
);
    localparam int LATENCY    = 5;
    localparam int STAGE_BITS = $clog2(LAG + ROWS * STEP + LATENCY + 1);
    localparam int PLACE_BITS = 1 + $clog2(most_tokens() + 1);

    logic advance, restart, reading, writing, write_turn, write, write_due, bank, read_bank;
    logic [STAGE_BITS-1:0] stage;
    logic [INPUTS-1:0] turns, read_due, taken, arrives;
    logic [INPUTS*PLACE_BITS-1:0] places;  // where the numbers go that have arrived: {row of two, token}
    logic [IN_NUMBERS*BITS-1:0] arriving, arrived;

    inrarch_control #(.READS(INPUTS)) control (
        .clk, .reset, .read_due, .write_due, .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );

    // The iterations that read, and, LAG later, those that write.
    assign restart = reset || (advance && stage == STAGE_BITS'(STAGES - 1));
    always_ff @(posedge clk) begin
        if (restart) begin
            stage   <= '0;
            reading <= 1'b1;
            writing <= LAG == 0;
        end else if (advance) begin
            stage <= stage + 1'b1;
            if (stage == STAGE_BITS'(ROWS * STEP - 1)) reading <= 1'b0;
            if (stage == STAGE_BITS'(LAG + ROWS * STEP - 1)) writing <= 1'b0;
            else if (LAG > 0 && stage == STAGE_BITS'(LAG - 1)) writing <= 1'b1;
        end
    end

    for (genvar i = 0; i < INPUTS; i++) begin : inputs
        localparam int READS = TOKENS[i*32 +: 32];
        localparam int BEGIN = offset(i);
        localparam int SIZE  = WIDTH[i*32 +: 32] * BITS;
        inrarch_taken #(.BITS(SIZE)) first_read (
            .clk, .taken(taken[i]), .in_data(in_data[BEGIN*BITS +: SIZE]), .data(arriving[BEGIN*BITS +: SIZE])
        );
        if (READS == 0) begin : never
            assign turns[i] = 1'b0;
            assign places[i*PLACE_BITS +: PLACE_BITS] = '0;
            logic unused;
            assign unused = &{1'b0, arrives[i]};
        end else begin : spread
            localparam int TOKEN_BITS = READS > 1 ? $clog2(READS) : 1;
            logic [TOKEN_BITS-1:0] token;
            logic row;
            inrarch_turns #(.PERIOD(STEP), .EVENTS(READS)) turn (.clk, .reset(restart), .advance, .due(turns[i]));
            assign places[i*PLACE_BITS +: PLACE_BITS] = PLACE_BITS'({row, token});
            always_ff @(posedge clk) begin
                if (restart) begin
                    token <= '0;
                    row   <= 1'b0;
                end else if (advance && arrives[i]) begin
                    token <= token == TOKEN_BITS'(READS - 1) ? '0 : token + 1'b1;
                    if (token == TOKEN_BITS'(READS - 1)) row <= !row;
                end
            end
        end
    end

    assign read_due = turns & {INPUTS{reading}};
    always_ff @(posedge clk) begin
        if (restart) arrives <= '0;
        else if (advance) arrives <= read_due;
        if (advance) arrived <= arriving;
    end

    // The program.
    inrarch_turns #(.PERIOD(STEP), .EVENTS(WRITES)) write_turns (
        .clk, .reset(restart || !writing), .advance, .due(write_turn)
    );
    assign write          = writing && write_turn;
    assign program_enable = advance;
    always_ff @(posedge clk) begin
        if (restart) begin
            program_address <= '0;
            bank            <= 1'b0;
        end else if (advance && write) begin
            program_address <= program_address == PROGRAM_ADDRESS'(WRITES - 1) ? '0 : program_address + 1'b1;
            if (program_address == PROGRAM_ADDRESS'(WRITES - 1)) bank <= !bank;
        end
        if (advance) read_bank <= bank;
    end
    inrarch_delay_reset #(.BITS(1), .CYCLES(LATENCY)) write_delay (
        .clk, .reset(restart), .enable(advance), .in(write), .out(write_due)
    );

    for (genvar n = 0; n < NUMBERS; n++) begin : numbers
        localparam int BEGIN   = FIRST[n*32 +: 32];
        localparam int COUNT   = FIRST[(n+1)*32 +: 32] - BEGIN;
        localparam int OPERAND = OPERAND_BITS[n*32 +: 32];
        localparam int SELECT  = COUNT > 1 ? $clog2(COUNT) : 0;
        logic [OPERAND-1:0] operand;
        logic [(SELECT > 0 ? SELECT : 1)-1:0] select;
        logic [COUNT*BITS-1:0] words;

        assign operand = program_data[CODE[n*32 +: 32] +: OPERAND];
        if (SELECT > 0) begin : several
            assign select = program_data[CODE[n*32 +: 32] + OPERAND +: SELECT];
        end else begin : single
            assign select = 1'b0;
        end
        for (genvar s = 0; s < COUNT; s++) begin : sources
            localparam int FROM = INPUT[(BEGIN+s)*32 +: 32];
            if (FROM < 0) begin : constants
                always_ff @(posedge clk) if (advance) words[s*BITS +: BITS] <= operand[BITS-1:0];
            end else begin : memories
                localparam int NUMBER = PLACE[(BEGIN+s)*32 +: 32];
                localparam int READS  = TOKENS[FROM*32 +: 32];
                localparam int ROW    = READS > 1 ? $clog2(READS) : 1;  // bits of a place in a row
                inrarch_buffer #(
                    .WORDS((1 << ROW) + READS), .BITS(BITS), .STYLE(STYLE[FROM*32 +: 32]), .PLACE_BITS(ROW + 1)
                ) memory (
                    .clk, .enable(advance), .write(arrives[FROM]),
                    .write_place(places[FROM*PLACE_BITS +: ROW+1]), .in(arrived[NUMBER*BITS +: BITS]),
                    .read_place({read_bank, operand[ROW-1:0]}), .data(words[s*BITS +: BITS])
                );
            end
        end
        inrarch_reorder_number #(
            .BITS(BITS), .SOURCES(COUNT), .SHIFT(SHIFT[BEGIN*32 +: COUNT*32])
        ) number (
            .clk, .advance, .select, .words, .out(out_data[n*BITS +: BITS])
        );
        // Places are as wide as those of the longest row, and as constants.
        logic unused;
        assign unused = &{1'b0, operand};
    end

    function automatic int offset(input int number);
        offset = 0;
        for (int i = 0; i < number; i++) offset = offset + WIDTH[i*32 +: 32];
    endfunction

    function automatic int most_tokens();
        most_tokens = 1;
        for (int i = 0; i < INPUTS; i++)
            if (TOKENS[i*32 +: 32] > most_tokens) most_tokens = TOKENS[i*32 +: 32];
    endfunction

    // Numbers that no memory keeps; all of it where there is none.
    logic unused;
    assign unused = &{1'b0, arrived, places, read_bank};
endmodule
