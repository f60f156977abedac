// Sums of consecutive elements (reduce.hpp), exact, rounded once. Stage n reads token n. Behind it:
//   1            the numbers that are summed are in a register
//   1 + LEVELS   the tree has added up the lanes, LEVELS = ceil(log2(LANES))
//   2 + LEVELS   they are added to the sum
//   3 + LEVELS   it is rounded and in the output token, which is written in this stage if it is complete
module inrarch_reduce #(
    parameter int SUMS         = 1,   // of a coefficient, in an invocation
    parameter int TOKENS       = 1,   // that make a sum
    parameter int LANES        = 1,   // of the input
    parameter int FIELDS       = 1,   // of the input
    parameter int BITS         = 24,  // of a field, of the output too
    parameter int OUT_LANES    = 1,
    parameter int COEFFICIENTS = 1,
    parameter int SUM_BITS     = 24,
    parameter logic [COEFFICIENTS*32-1:0] FIELD = '0,  // of the input, that is summed
    parameter logic [COEFFICIENTS*32-1:0] SHIFT = '0   // binary places that the rounding drops
) (
    input  logic                                   clk,
    input  logic                                   reset,
    input  logic [LANES*FIELDS*BITS-1:0]           in_data,
    input  logic                                   in_valid,
    output logic                                   in_ready,
    output logic [OUT_LANES*COEFFICIENTS*BITS-1:0] out_data,
    output logic                                   out_valid,
    input  logic                                   out_ready
);
    localparam int LEVELS     = $clog2(LANES);
    localparam int LATENCY    = 3 + LEVELS;
    localparam int TOKEN_BITS = TOKENS > 1 ? $clog2(TOKENS) : 1;
    localparam int LANE_BITS  = OUT_LANES > 1 ? $clog2(OUT_LANES) : 1;
    localparam int OUT_BITS   = COEFFICIENTS * BITS;

    logic advance, running, last, taken, write_due;
    logic begins, ends, last_lane;         // of the sum that this stage's token belongs to
    logic sum_begins, sum_ends;            // where the token has come to the sum, and behind it
    logic [LANES*FIELDS*BITS-1:0] token;
    logic [OUT_BITS-1:0] rounded;
    logic [TOKEN_BITS-1:0] place;
    logic [LANE_BITS-1:0] lane;
    logic [(OUT_LANES+1)*OUT_BITS-1:0] moved;

    inrarch_iterations #(.ITERATIONS(SUMS * TOKENS), .DRAIN(LATENCY)) loop (
        .clk, .reset, .advance, .running, .last
    );
    inrarch_control control (
        .clk, .reset, .read_due(running), .write_due, .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );
    inrarch_taken #(.BITS(LANES * FIELDS * BITS)) first_read (.clk, .taken, .in_data, .data(token));

    assign begins    = place == '0;
    assign ends      = place == TOKEN_BITS'(TOKENS - 1);
    assign last_lane = lane == LANE_BITS'(OUT_LANES - 1);

    always_ff @(posedge clk) begin
        if (reset) begin
            place <= '0;
            lane  <= '0;
        end else if (advance && running) begin
            place <= ends ? '0 : place + 1'b1;
            if (ends) lane <= last_lane ? '0 : lane + 1'b1;
        end
    end

    inrarch_delay #(.BITS(1), .CYCLES(1 + LEVELS)) begin_delay (.clk, .enable(advance), .in(begins), .out(sum_begins));
    inrarch_delay #(.BITS(1), .CYCLES(2 + LEVELS)) end_delay (.clk, .enable(advance), .in(ends), .out(sum_ends));
    inrarch_delay_reset #(.BITS(1), .CYCLES(LATENCY)) write_delay (
        .clk, .reset, .enable(advance), .in(running && ends && last_lane), .out(write_due)
    );

    for (genvar c = 0; c < COEFFICIENTS; c++) begin : coefficients
        localparam int PLACE = FIELD[c*32 +: 32];
        localparam int DROPPED = SHIFT[c*32 +: 32];
        logic [LANES*BITS-1:0] terms, kept;
        logic signed [SUM_BITS-1:0] added, sum;

        for (genvar i = 0; i < LANES; i++) begin : lanes
            assign terms[i*BITS +: BITS] = token[(i*FIELDS + PLACE)*BITS +: BITS];
        end
        inrarch_sum_tree #(.COUNT(LANES), .BITS(BITS), .OUT_BITS(SUM_BITS)) tree (
            .clk, .enable(advance), .in(kept), .sum(added)
        );
        always_ff @(posedge clk) begin
            if (advance) begin
                kept <= terms;
                sum  <= (sum_begins ? '0 : sum) + added;
            end
        end
        inrarch_round #(.IN_BITS(SUM_BITS), .SHIFT(DROPPED), .OUT_BITS(BITS)) rounding (
            .in(sum), .out(rounded[c*BITS +: BITS])
        );
    end

    // The first sum of a token ends up lowest.
    assign moved = {rounded, out_data};
    always_ff @(posedge clk) begin
        if (advance && sum_ends) out_data <= moved[(OUT_LANES+1)*OUT_BITS-1:OUT_BITS];
    end

    // Fields that are not summed; the lane that is moved out.
    logic unused;
    assign unused = &{1'b0, token, moved[OUT_BITS-1:0], last};
endmodule
