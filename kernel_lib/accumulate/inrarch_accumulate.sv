// Sums over the rows of an invocation, feature by feature (accumulate.hpp). An iteration reads a token and adds it to its
// word of sums; after the last row, an iteration per word rounds it. Behind an iteration:
//   2   the token, and its word of sums, have come to the adders
//   3   the word is complete
//   5   it is rounded, and clipped
//   6   it is written, if it is one of the results
module inrarch_accumulate #(
    parameter int ROWS         = 1,
    parameter int TOKENS       = 1,   // of a row
    parameter int LANES        = 1,
    parameter int FIELDS       = 1,   // of the input
    parameter int BITS         = 24,  // of a field, of the output too
    parameter int COEFFICIENTS = 1,
    parameter int SUM_BITS     = 24,
    parameter int SUM_STYLE    = 0,   // of the memory of sums
    parameter logic [COEFFICIENTS*32-1:0] FIELD = '0,  // of the input, that is summed
    parameter logic [COEFFICIENTS*32-1:0] SHIFT = '0   // binary places that the rounding drops
) (
    input  logic                               clk,
    input  logic                               reset,
    input  logic [LANES*FIELDS*BITS-1:0]       in_data,
    input  logic                               in_valid,
    output logic                               in_ready,
    output logic [LANES*COEFFICIENTS*BITS-1:0] out_data,
    output logic                               out_valid,
    input  logic                               out_ready
);
    localparam int LATENCY    = 6;
    localparam int COUNT      = LANES * COEFFICIENTS;
    localparam int ROW_BITS   = $clog2(ROWS + 1);
    localparam int PLACE_BITS = TOKENS > 1 ? $clog2(TOKENS) : 1;

    logic advance, running, last, taken, write_due, reading, reads, adds, first;
    logic [LANES*FIELDS*BITS-1:0] token;
    logic [COUNT*BITS-1:0] terms, added;
    logic [COUNT*SUM_BITS-1:0] sums;
    logic [ROW_BITS-1:0] row;
    logic [PLACE_BITS-1:0] place;

    inrarch_iterations #(.ITERATIONS((ROWS + 1) * TOKENS), .DRAIN(LATENCY)) loop (
        .clk, .reset, .advance, .running, .last
    );
    assign reads = running && reading;
    inrarch_control control (
        .clk, .reset, .read_due(reads), .write_due, .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );
    inrarch_taken #(.BITS(LANES * FIELDS * BITS)) first_read (.clk, .taken, .in_data, .data(token));

    always_ff @(posedge clk) begin
        if (reset) begin
            row     <= '0;
            place   <= '0;
            reading <= 1'b1;
        end else if (advance && running) begin
            place <= place == PLACE_BITS'(TOKENS - 1) ? '0 : place + 1'b1;
            if (place == PLACE_BITS'(TOKENS - 1)) begin
                row     <= reading ? row + 1'b1 : '0;
                reading <= row != ROW_BITS'(ROWS - 1);
            end
        end
    end

    for (genvar lane = 0; lane < LANES; lane++) begin : lanes
        for (genvar c = 0; c < COEFFICIENTS; c++) begin : coefficients
            localparam int NUMBER  = lane * COEFFICIENTS + c;
            localparam int SOURCE  = lane * FIELDS + FIELD[c*32 +: 32];
            localparam int DROPPED = SHIFT[c*32 +: 32];
            logic [BITS-1:0] rounded;
            assign terms[NUMBER*BITS +: BITS] = token[SOURCE*BITS +: BITS];
            inrarch_round_stage #(.IN_BITS(SUM_BITS), .SHIFT(DROPPED), .OUT_BITS(BITS)) rounding (
                .clk, .enable(advance), .in(sums[NUMBER*SUM_BITS +: SUM_BITS]), .out(rounded)
            );
            inrarch_delay #(.BITS(BITS), .CYCLES(2)) sent (
                .clk, .enable(advance), .in(rounded), .out(out_data[NUMBER*BITS +: BITS])
            );
        end
    end

    inrarch_delay #(.BITS(2 + COUNT * BITS), .CYCLES(2)) token_delay (
        .clk, .enable(advance), .in({reads, row == '0, terms}), .out({adds, first, added})
    );
    inrarch_running_sums #(
        .WORDS(TOKENS), .COUNT(COUNT), .IN_BITS(BITS), .SUM_BITS(SUM_BITS), .STYLE(SUM_STYLE)
    ) memory (
        .clk, .advance, .place, .adds, .first, .in(added), .sums
    );
    inrarch_delay_reset #(.BITS(1), .CYCLES(LATENCY)) write_delay (
        .clk, .reset, .enable(advance), .in(running && !reads), .out(write_due)
    );

    // Fields that are not summed.
    logic unused;
    assign unused = &{1'b0, token, last};
endmodule
