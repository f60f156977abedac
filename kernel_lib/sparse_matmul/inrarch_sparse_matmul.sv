// y[c] = x[c] W (+ b) for a constant matrix with many zeros: products with its nonzeros alone, packed into equal lanes
// (sparse_matmul.hpp; docs/hardware.md draws the stages). LANES lanes of LANES_IN x COEFFICIENTS products per stage.
//
// The memories hold the program of a row: of each cycle the weights and places of all products and the marks of all
// lanes; of each slice of inputs which products keep them; of each slice of outputs which lanes have them, and biases.
//
// From the iteration of a product to the stage in which ... (LEVELS = ceil(log2(LANES_IN))):
//   2           its place is known
//   3           its bank is read
//   4           its factors are known
//   7+LEVELS    the products are summed up
//   8+LEVELS    the sum is complete; it can be read a stage later, by the slice of the next iteration
// From the iteration of a slice of outputs: 7+LEVELS its number is at the memories, 13+LEVELS its token is written.
module inrarch_sparse_matmul #(
    parameter int ROWS              = 1,
    parameter int INPUTS            = 1,
    parameter int OUTPUTS           = 1,
    parameter int LANES_IN          = 1,
    parameter int LANES             = 1,
    parameter int STREAM_LANES_IN   = 1,
    parameter int STREAM_LANES_OUT  = 1,
    parameter int FIELDS            = 1,  // of the input stream
    parameter int COEFFICIENTS      = 1,
    parameter int DATA_BITS         = 24,
    parameter int WEIGHT_BITS       = 18,
    parameter int ACCUMULATOR_BITS  = 48,
    parameter int BIAS_ROWS         = 1,  // 0: no biases, and a memory of zeros, one bit wide
    parameter int SLICES_IN         = 1,
    parameter int SLICES_OUT        = 1,
    parameter int HORIZON           = 1,
    parameter int LAG               = 0,
    parameter int STEP              = 1,
    parameter int ADDRESS_BITS      = 0,
    parameter int SEGMENT_BITS      = 0,
    parameter int PLACE_BITS        = 1,
    parameter int SOURCE_BITS       = 1,
    parameter logic [COEFFICIENTS*32-1:0] FIELD = '0,  // of the input stream, of each coefficient
    parameter logic [COEFFICIENTS*32-1:0] SHIFT = '0,  // binary places dropped from its sum
    parameter logic [COEFFICIENTS*32-1:0] BIAS  = '1,  // row of the biases that is added to it, or -1
    parameter logic [(OUTPUTS/SLICES_OUT+1)*32-1:0] PORT = {32'd1, 32'd0},  // first lane of each port, and LANES
    parameter int MULTIPLIER_WIDE   = 27,
    parameter int MULTIPLIER_NARROW = 18,
    parameter int BUFFER_STYLE      = 0,  // of the memories of inputs
    parameter int RESULT_STYLE      = 0,  // of the memories of results
    parameter int PRODUCTS     = LANES * LANES_IN,
    parameter int BANKS        = INPUTS / SLICES_IN,
    parameter int PORTS        = OUTPUTS / SLICES_OUT,
    parameter int CYCLE_BITS   = HORIZON > 1 ? $clog2(HORIZON) : 1,
    parameter int KEPT_BITS    = SLICES_IN > 1 ? $clog2(SLICES_IN) : 1,
    parameter int SLICE_BITS   = SLICES_OUT > 1 ? $clog2(SLICES_OUT) : 1,
    parameter int BIAS_BITS    = BIAS_ROWS > 0 ? BIAS_ROWS * PORTS * ACCUMULATOR_BITS : 1
) (
    input  logic                                               clk,
    input  logic                                               reset,
    input  logic [STREAM_LANES_IN*FIELDS*DATA_BITS-1:0]        in_data,
    input  logic                                               in_valid,
    output logic                                               in_ready,
    output logic [STREAM_LANES_OUT*COEFFICIENTS*DATA_BITS-1:0] out_data,
    output logic                                               out_valid,
    input  logic                                               out_ready,
    output logic [CYCLE_BITS-1:0]                              weights_address,
    output logic                                               weights_enable,
    input  logic [PRODUCTS*WEIGHT_BITS-1:0]                    weights_data,
    output logic [CYCLE_BITS-1:0]                              places_address,
    output logic                                               places_enable,
    input  logic [PRODUCTS*PLACE_BITS-1:0]                     places_data,
    output logic [CYCLE_BITS-1:0]                              marks_address,
    output logic                                               marks_enable,
    input  logic [LANES*4-1:0]                                 marks_data,
    output logic [KEPT_BITS-1:0]                               kept_address,
    output logic                                               kept_enable,
    input  logic [PRODUCTS*BANKS-1:0]                          kept_data,
    output logic [SLICE_BITS-1:0]                              sources_address,
    output logic                                               sources_enable,
    input  logic [PORTS*SOURCE_BITS-1:0]                       sources_data,
    output logic [SLICE_BITS-1:0]                              biases_address,
    output logic                                               biases_enable,
    input  logic [BIAS_BITS-1:0]                               biases_data
);
    localparam int LEVELS     = $clog2(LANES_IN);
    localparam int STAGE_BITS = STEP > 1 ? $clog2(STEP) : 1;
    localparam int WORD_BITS  = COEFFICIENTS * DATA_BITS;
    localparam int SUM_BITS   = COEFFICIENTS * ACCUMULATOR_BITS;
    localparam int RESULT_BITS = SEGMENT_BITS + 1;  // of a place among the results of a lane

    logic advance, taken, restart, read_due, write_due, last_write;
    logic reading, multiplying, half, step_ends, slice_turn, result_turn, begins, leaving;
    logic active, row_ends, read_half, sum_active, sum_row_ends, take;
    logic write_slice, write_half, last_slice;
    logic [STAGE_BITS-1:0] stage;
    logic [CYCLE_BITS-1:0] cycle;
    logic [STREAM_LANES_IN*FIELDS*DATA_BITS-1:0] token;
    logic [BANKS*WORD_BITS-1:0] slice;
    logic [PORTS*RESULT_BITS-1:0] read_places;
    logic [LANES*SUM_BITS-1:0] results, carries;

    // After the last write of an invocation the process begins again.
    assign restart = reset || (advance && last_write);

    inrarch_control control (
        .clk, .reset, .read_due, .write_due, .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );
    inrarch_steps #(.ROWS(ROWS), .STEP(STEP)) steps (
        .clk, .reset(restart), .advance, .stage, .step_ends, .reading, .multiplying, .half
    );

    // Inputs.
    inrarch_turns #(.PERIOD(STEP), .EVENTS(SLICES_IN)) slice_turns (
        .clk, .reset(restart), .advance, .due(slice_turn)
    );
    inrarch_taken #(.BITS(STREAM_LANES_IN * FIELDS * DATA_BITS)) first_read (.clk, .taken, .in_data, .data(token));
    inrarch_sparse_matmul_slice #(
        .STREAM_LANES(STREAM_LANES_IN), .FIELDS(FIELDS), .COEFFICIENTS(COEFFICIENTS), .BITS(DATA_BITS),
        .BANKS(BANKS), .SLICES(SLICES_IN), .FIELD(FIELD)
    ) slices (
        .clk, .reset(restart), .advance, .due(slice_turn && reading), .read_due, .token, .kept_address, .slice,
        .write(write_slice), .write_half, .last_slice
    );

    // Products. The memories are read when their words are wanted.
    assign active   = multiplying && 32'(stage) < HORIZON;
    assign row_ends = 32'(stage) == HORIZON - 1;
    assign cycle    = CYCLE_BITS'(stage);
    inrarch_delay #(.BITS(CYCLE_BITS), .CYCLES(1)) places_delay (
        .clk, .enable(advance), .in(cycle), .out(places_address)
    );
    inrarch_delay #(.BITS(1), .CYCLES(2)) half_delay (.clk, .enable(advance), .in(half), .out(read_half));
    inrarch_delay #(.BITS(CYCLE_BITS), .CYCLES(2)) weights_delay (
        .clk, .enable(advance), .in(places_address), .out(weights_address)
    );
    inrarch_delay #(.BITS(CYCLE_BITS), .CYCLES(3 + LEVELS)) marks_delay (
        .clk, .enable(advance), .in(weights_address), .out(marks_address)
    );
    inrarch_delay_reset #(.BITS(2), .CYCLES(7 + LEVELS)) active_delay (
        .clk, .reset(restart), .enable(advance), .in({active, row_ends}), .out({sum_active, sum_row_ends})
    );
    for (genvar l = 0; l < LANES; l++) begin : lanes
        logic [LANES_IN*WORD_BITS-1:0] operands;
        for (genvar p = 0; p < LANES_IN; p++) begin : products
            localparam int NUMBER = l * LANES_IN + p;
            inrarch_sparse_matmul_operand #(
                .BANKS(BANKS), .ADDRESS_BITS(ADDRESS_BITS), .PLACE_BITS(PLACE_BITS), .BITS(WORD_BITS),
                .STYLE(BUFFER_STYLE)
            ) factor (
                .clk, .reset(restart), .advance, .slice, .write(write_slice), .write_half, .last_slice,
                .kept(kept_data[NUMBER*BANKS +: BANKS]), .half(read_half),
                .place(places_data[NUMBER*PLACE_BITS +: PLACE_BITS]), .operand(operands[p*WORD_BITS +: WORD_BITS])
            );
        end
        inrarch_sparse_matmul_lane #(
            .LANES_IN(LANES_IN), .COEFFICIENTS(COEFFICIENTS), .DATA_BITS(DATA_BITS), .WEIGHT_BITS(WEIGHT_BITS),
            .SUM_BITS(ACCUMULATOR_BITS), .SEGMENT_BITS(SEGMENT_BITS), .STYLE(RESULT_STYLE), .WIDE(MULTIPLIER_WIDE),
            .NARROW(MULTIPLIER_NARROW)
        ) lane (
            .clk, .reset(restart), .advance, .operands,
            .weights(weights_data[l*LANES_IN*WEIGHT_BITS +: LANES_IN*WEIGHT_BITS]),
            .active(sum_active), .row_ends(sum_row_ends), .mark(marks_data[l*4 +: 4]),
            .next_carry(carries[(l + 1 < LANES ? l + 1 : l)*SUM_BITS +: SUM_BITS]),
            .carry(carries[l*SUM_BITS +: SUM_BITS]), .read_place(read_places[port_of(l)*RESULT_BITS +: RESULT_BITS]),
            .result(results[l*SUM_BITS +: SUM_BITS])
        );
    end

    function automatic int port_of(input int lane);
        port_of = 0;
        for (int port = 1; port < PORTS; port++) if ($signed(PORT[port*32 +: 32]) <= lane) port_of = port;
    endfunction

    // Outputs: their turns begin LAG iterations into the first step with products.
    if (LAG == 0) begin : at_once
        assign begins = step_ends;
    end else begin : later
        assign begins = multiplying && 32'(stage) == LAG - 1;
    end
    always_ff @(posedge clk) begin
        if (restart) leaving <= 1'b0;
        else if (advance && begins) leaving <= 1'b1;
    end
    inrarch_turns #(.PERIOD(STEP), .EVENTS(SLICES_OUT)) result_turns (
        .clk, .reset(restart), .advance(advance && leaving), .due(result_turn)
    );
    inrarch_delay_reset #(.BITS(1), .CYCLES(7 + LEVELS)) take_delay (
        .clk, .reset(restart), .enable(advance), .in(result_turn && leaving), .out(take)
    );
    inrarch_sparse_matmul_token #(
        .OUTPUTS(OUTPUTS), .ROWS(ROWS), .LANES(LANES), .PORTS(PORTS), .STREAM_LANES(STREAM_LANES_OUT),
        .COEFFICIENTS(COEFFICIENTS), .SUM_BITS(ACCUMULATOR_BITS), .BITS(DATA_BITS), .BIAS_BITS(BIAS_BITS),
        .SEGMENT_BITS(SEGMENT_BITS), .SOURCE_BITS(SOURCE_BITS), .PORT(PORT), .SHIFT(SHIFT), .BIAS(BIAS)
    ) tokens (
        .clk, .reset(restart), .advance, .take, .sources_address, .sources(sources_data), .read_places, .results,
        .biases_address, .biases(biases_data), .token(out_data), .write_due, .last_write
    );

    assign {weights_enable, places_enable, marks_enable} = {3{advance}};
    assign {kept_enable, sources_enable, biases_enable}  = {3{advance}};

    // The carry of lane 0 has no reader, the end of a step none but with a lag of 0.
    logic unused;
    assign unused = &{1'b0, carries, step_ends};
endmodule
