// y[c] = x[c] W (+ b): one constant matrix applied to every coefficient c of a jet (matmul.hpp; docs/hardware.md draws the
// stages). LANES_IN x LANES_OUT x LANES_COEFFICIENTS products per stage.
//
//   weights  word (g * KB + k) * P + w: part w of block k of group g, P words of ceil(PI * PO / turns) weights per block
//   biases   word g: BIAS_ROWS x LANES_OUT biases of group g at the binary point of the sum
//
// From an iteration to the stage in which ... (D = 3 where all coefficients are multiplied at the same time; 4 where they
// take turns, and one of these stages chooses operands; LEVELS = ceil(log2(LANES_IN))):
//   1      the block's place is at the buffer
//   2      the inputs leave the buffer
//   D      the factors are in the multipliers' registers
//   D+2    the products are complete
//   D+3+LEVELS  the sum is complete; rounded a stage later (two, where sums of coefficients that take turns are aligned)
//   LATENCY     the results are in the bank
//   LATENCY+1   the first token is written: the first iteration after the last product, and LATENCY stages
module inrarch_matmul #(
    parameter int ROWS               = 1,
    parameter int INPUTS             = 1,
    parameter int OUTPUTS            = 1,
    parameter int LANES_IN           = 1,
    parameter int LANES_OUT          = 1,
    parameter int LANES_COEFFICIENTS = 1,
    parameter int STREAM_LANES_IN    = 1,
    parameter int STREAM_LANES_OUT   = 1,
    parameter int FIELDS             = 1,  // of the input stream
    parameter int COEFFICIENTS       = 1,
    parameter int DATA_BITS          = 24,
    parameter int WEIGHT_BITS        = 18,
    parameter int ACCUMULATOR_BITS   = 48,
    parameter int BIAS_ROWS          = 1,  // 0: no biases, and a memory of zeros, one bit wide
    parameter int STEP               = 1,
    parameter logic [COEFFICIENTS*32-1:0] FIELD = '0,  // of the input stream, of each coefficient
    parameter logic [COEFFICIENTS*32-1:0] SHIFT = '0,  // binary places dropped from its sum
    parameter logic [COEFFICIENTS*32-1:0] BIAS  = '1,  // row of the biases that is added to it, or -1
    parameter int MULTIPLIER_WIDE    = 27,
    parameter int MULTIPLIER_NARROW  = 18,
    parameter int BUFFER_STYLE       = 0,  // of the input buffer's memories
    parameter int TURNS        = (COEFFICIENTS + LANES_COEFFICIENTS - 1) / LANES_COEFFICIENTS,
    parameter int BLOCKS       = (INPUTS + LANES_IN - 1) / LANES_IN,
    parameter int GROUPS       = (OUTPUTS + LANES_OUT - 1) / LANES_OUT,
    parameter int WORD_WEIGHTS = (LANES_IN * LANES_OUT + TURNS - 1) / TURNS,
    parameter int WORDS        = (LANES_IN * LANES_OUT + WORD_WEIGHTS - 1) / WORD_WEIGHTS,
    parameter int WEIGHT_WORDS = GROUPS * BLOCKS * WORDS,
    parameter int WEIGHTS_BITS = WEIGHT_WORDS > 1 ? $clog2(WEIGHT_WORDS) : 1,
    parameter int BIASES_BITS  = GROUPS > 1 ? $clog2(GROUPS) : 1,
    parameter int BIAS_BITS    = BIAS_ROWS > 0 ? BIAS_ROWS * LANES_OUT * ACCUMULATOR_BITS : 1
) (
    input  logic                                                      clk,
    input  logic                                                      reset,
    input  logic [STREAM_LANES_IN*FIELDS*DATA_BITS-1:0]               in_data,
    input  logic                                                      in_valid,
    output logic                                                      in_ready,
    output logic [STREAM_LANES_OUT*COEFFICIENTS*DATA_BITS-1:0]        out_data,
    output logic                                                      out_valid,
    input  logic                                                      out_ready,
    output logic [WEIGHTS_BITS-1:0]                                   weights_address,
    output logic                                                      weights_enable,
    input  logic [WORD_WEIGHTS*WEIGHT_BITS-1:0]                       weights_data,
    output logic [BIASES_BITS-1:0]                                    biases_address,
    output logic                                                      biases_enable,
    input  logic [BIAS_BITS-1:0]                                      biases_data
);
    // Iterations of a group: its products, and enough to send its results before others take their place.
    localparam int TOKENS     = LANES_OUT > STREAM_LANES_OUT ? LANES_OUT / STREAM_LANES_OUT : 1;
    localparam int PRODUCTS   = BLOCKS * TURNS;
    localparam int SLOT       = PRODUCTS > TOKENS + TURNS - 1 ? PRODUCTS : TOKENS + TURNS - 1;
    localparam int CHOICES    = TURNS > 1 ? 1 : 0;
    localparam int LEVELS     = $clog2(LANES_IN);
    localparam int LATENCY    = 8 + LEVELS + 2 * CHOICES;
    localparam int SUMMED     = 5 + LEVELS + CHOICES;  // stage in which a product is added to its sum
    localparam int TURN_BITS  = TURNS > 1 ? $clog2(TURNS) : 1;
    localparam int PLACE_BITS = $clog2(2 * BLOCKS);
    localparam int ROW_BITS   = LANES_IN * COEFFICIENTS * DATA_BITS;

    logic advance, taken, restart, read_due, write_due, last_write;
    logic active, multiplies, first_block, last_block, last_turn, last_group, last_row;
    logic sum_first, store, store_last_turn, store_last_group, store_last_row, next_group;
    logic [PLACE_BITS-1:0] place;
    logic [TURN_BITS-1:0] turn, sum_turn, sums_turn, store_turn;
    logic [STREAM_LANES_IN*FIELDS*DATA_BITS-1:0] token;
    logic [ROW_BITS-1:0] row;
    logic [LANES_IN*LANES_COEFFICIENTS*DATA_BITS-1:0] inputs;
    logic [LANES_OUT*LANES_IN*WEIGHT_BITS-1:0] weights;
    logic [LANES_OUT*LANES_COEFFICIENTS*ACCUMULATOR_BITS-1:0] sums;

    // After the last write of an invocation the process begins again.
    assign restart = reset || (advance && last_write);

    inrarch_control control (
        .clk, .reset, .read_due, .write_due, .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );
    inrarch_matmul_loop #(
        .ROWS(ROWS), .READS(INPUTS / STREAM_LANES_IN), .BLOCKS(BLOCKS), .TURNS(TURNS), .GROUPS(GROUPS), .SLOT(SLOT),
        .STEP(STEP)
    ) iterations (
        .clk, .reset(restart), .advance, .read_due, .active, .multiplies, .place, .turn, .first_block, .last_block,
        .last_turn, .last_group, .last_row
    );

    inrarch_taken #(.BITS(STREAM_LANES_IN * FIELDS * DATA_BITS)) first_read (.clk, .taken, .in_data, .data(token));
    inrarch_row_buffer #(
        .INPUTS(INPUTS), .LANES(LANES_IN), .STREAM_LANES(STREAM_LANES_IN), .FIELDS(FIELDS),
        .COEFFICIENTS(COEFFICIENTS), .BITS(DATA_BITS), .STYLE(BUFFER_STYLE), .FIELD(FIELD)
    ) buffer (
        .clk, .reset(restart), .advance, .read(read_due), .token, .place, .inputs(row)
    );

    inrarch_matmul_weights #(
        .BLOCKS(GROUPS * BLOCKS), .WORDS(WORDS), .WORD_WEIGHTS(WORD_WEIGHTS), .WEIGHTS(LANES_IN * LANES_OUT),
        .BITS(WEIGHT_BITS), .TURNS(TURNS)
    ) block (
        .clk, .reset, .advance, .active, .turn, .last_turn, .address(weights_address), .data(weights_data),
        .weights
    );
    assign weights_enable = advance;

    if (TURNS == 1) begin : all_at_once
        assign inputs = row;
    end else begin : in_turns
        inrarch_matmul_choice #(
            .LANES_IN(LANES_IN), .LANES(LANES_COEFFICIENTS), .COEFFICIENTS(COEFFICIENTS), .BITS(DATA_BITS)
        ) choice (
            .clk, .advance, .turn, .row, .inputs
        );
    end

    // The groups of the biases are counted when their sums begin.
    inrarch_delay_reset #(.BITS(1), .CYCLES(SUMMED - 1)) group_delay (
        .clk, .reset, .enable(advance), .in(active && last_block && last_turn), .out(next_group)
    );
    always_ff @(posedge clk) begin
        if (reset) biases_address <= '0;
        else if (advance && next_group)
            biases_address <= biases_address == BIASES_BITS'(GROUPS - 1) ? '0 : biases_address + 1'b1;
    end
    assign biases_enable = advance;

    // In flip-flops, with a reset: the output of a shift register of LUTs is late, and an adder is behind it.
    inrarch_delay_reset #(.BITS(1 + TURN_BITS), .CYCLES(SUMMED)) sum_delay (
        .clk, .reset, .enable(advance), .in({first_block, turn}), .out({sum_first, sum_turn})
    );
    inrarch_matmul_sums #(
        .LANES_IN(LANES_IN), .LANES_OUT(LANES_OUT), .LANES(LANES_COEFFICIENTS), .COEFFICIENTS(COEFFICIENTS),
        .DATA_BITS(DATA_BITS), .WEIGHT_BITS(WEIGHT_BITS), .SUM_BITS(ACCUMULATOR_BITS), .BIAS_BITS(BIAS_BITS),
        .BIAS(BIAS), .WIDE(MULTIPLIER_WIDE), .NARROW(MULTIPLIER_NARROW)
    ) multiply_add (
        .clk, .advance, .inputs, .weights, .first(sum_first), .turn(sum_turn), .biases(biases_data), .sums
    );

    inrarch_delay #(.BITS(TURN_BITS), .CYCLES(1)) turn_delay (
        .clk, .enable(advance), .in(sum_turn), .out(sums_turn)
    );
    inrarch_delay_reset #(.BITS(1), .CYCLES(LATENCY - 1)) store_delay (
        .clk, .reset, .enable(advance), .in(multiplies && last_block), .out(store)
    );
    inrarch_delay_reset #(.BITS(3 + TURN_BITS), .CYCLES(LATENCY - 1)) store_with_delay (
        .clk, .reset, .enable(advance), .in({turn, last_turn, last_group, last_row}),
        .out({store_turn, store_last_turn, store_last_group, store_last_row})
    );
    inrarch_matmul_results #(
        .OUTPUTS(OUTPUTS), .LANES_OUT(LANES_OUT), .LANES(LANES_COEFFICIENTS), .STREAM_LANES(STREAM_LANES_OUT),
        .COEFFICIENTS(COEFFICIENTS), .SUM_BITS(ACCUMULATOR_BITS), .BITS(DATA_BITS), .SHIFT(SHIFT)
    ) results (
        .clk, .reset(restart), .advance, .sums, .turn(sums_turn), .store, .store_turn, .last_turn(store_last_turn),
        .last_group(store_last_group), .last_row(store_last_row), .token(out_data), .write_due, .last_write
    );
endmodule
