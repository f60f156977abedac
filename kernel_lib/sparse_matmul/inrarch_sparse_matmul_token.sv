// The end of inrarch_sparse_matmul: slices of PORTS results become tokens. Port g takes the results of the lanes from
// PORT[g] up to PORT[g+1], from the lane and the piece that the memory `sources` names. Stages after `take`:
//   1 the source is known   2 the lanes' results   3 the one of the port's lane   4 with the bias   5 rounded
//   6 clipped, in the token, which is written
module inrarch_sparse_matmul_token #(
    parameter int OUTPUTS      = 1,
    parameter int ROWS         = 1,
    parameter int LANES        = 1,
    parameter int PORTS        = 1,
    parameter int STREAM_LANES = 1,
    parameter int COEFFICIENTS = 1,
    parameter int SUM_BITS     = 48,
    parameter int BITS         = 24,
    parameter int BIAS_BITS    = 1,  // of all biases of a slice
    parameter int SEGMENT_BITS = 1,
    parameter int SOURCE_BITS  = 1,
    parameter logic [(PORTS+1)*32-1:0] PORT = '0,
    parameter logic [COEFFICIENTS*32-1:0] SHIFT = '0,
    parameter logic [COEFFICIENTS*32-1:0] BIAS = '1,
    parameter int SLICES       = OUTPUTS / PORTS,
    parameter int ADDRESS_BITS = SLICES > 1 ? $clog2(SLICES) : 1,
    parameter int PLACE_BITS   = SEGMENT_BITS + 1
) (
    input  logic                                      clk,
    input  logic                                      reset,
    input  logic                                      advance,
    input  logic                                      take,
    output logic [ADDRESS_BITS-1:0]                   sources_address,
    input  logic [PORTS*SOURCE_BITS-1:0]              sources,
    output logic [PORTS*PLACE_BITS-1:0]               read_places,  // of the lanes of each port
    input  logic [LANES*COEFFICIENTS*SUM_BITS-1:0]    results,
    output logic [ADDRESS_BITS-1:0]                   biases_address,
    input  logic [BIAS_BITS-1:0]                      biases,
    output logic [STREAM_LANES*COEFFICIENTS*BITS-1:0] token,
    output logic                                      write_due,
    output logic                                      last_write  // of the invocation
);
    localparam int PARTS      = STREAM_LANES / PORTS;
    localparam int TOKENS     = ROWS * (OUTPUTS / STREAM_LANES);
    localparam int COUNT_BITS = TOKENS > 1 ? $clog2(TOKENS) : 1;
    localparam int WORD_BITS  = COEFFICIENTS * SUM_BITS;
    localparam int PORT_BITS  = COEFFICIENTS * BITS;

    logic half, now_half, last, store, last_part;
    logic [PARTS-1:0] part;  // of the token, one-hot
    logic [COUNT_BITS-1:0] count;
    logic [PORTS*PORT_BITS-1:0] rounded;

    assign last = sources_address == ADDRESS_BITS'(SLICES - 1);
    always_ff @(posedge clk) begin
        if (reset) begin
            sources_address <= '0;
            half            <= 1'b0;
        end else if (advance && take) begin
            sources_address <= last ? '0 : sources_address + 1'b1;
            half            <= half ^ last;
        end
        if (advance) now_half <= half;
    end
    inrarch_delay #(.BITS(ADDRESS_BITS), .CYCLES(2)) bias_delay (
        .clk, .enable(advance), .in(sources_address), .out(biases_address)
    );

    for (genvar port = 0; port < PORTS; port++) begin : ports
        localparam int FIRST = PORT[port*32 +: 32];
        localparam int COUNT = PORT[(port+1)*32 +: 32] - PORT[port*32 +: 32];
        logic [SOURCE_BITS-1:0] source;
        logic [WORD_BITS-1:0] chosen;

        assign source = sources[port*SOURCE_BITS +: SOURCE_BITS];
        if (SEGMENT_BITS == 0) begin : one_piece
            assign read_places[port] = now_half;
        end else begin : pieces
            assign read_places[port*PLACE_BITS +: PLACE_BITS] = {now_half, source[SEGMENT_BITS-1:0]};
        end
        if (COUNT == 1) begin : one_lane
            always_ff @(posedge clk) if (advance) chosen <= results[FIRST*WORD_BITS +: WORD_BITS];
            logic unused;
            assign unused = &{1'b0, source};
        end else begin : several_lanes
            localparam int LANE_BITS = $clog2(COUNT);
            logic [LANE_BITS-1:0] lane;
            always_ff @(posedge clk) begin
                if (advance) begin
                    lane   <= LANE_BITS'(source >> SEGMENT_BITS);
                    chosen <= results[(FIRST + 32'(lane))*WORD_BITS +: WORD_BITS];
                end
            end
        end

        for (genvar number = 0; number < COEFFICIENTS; number++) begin : numbers
            localparam int ROW   = BIAS[number*32 +: 32];
            localparam int SHIFTED = SHIFT[number*32 +: 32];
            logic [SUM_BITS-1:0] sum;
            if (ROW < 0) begin : plain
                always_ff @(posedge clk) if (advance) sum <= chosen[number*SUM_BITS +: SUM_BITS];
            end else begin : biased
                localparam int PLACE = (ROW*PORTS + port)*SUM_BITS;
                always_ff @(posedge clk)
                    if (advance) sum <= chosen[number*SUM_BITS +: SUM_BITS] + biases[PLACE +: SUM_BITS];
            end
            inrarch_round_stage #(.IN_BITS(SUM_BITS), .SHIFT(SHIFTED), .OUT_BITS(BITS)) rounding (
                .clk, .enable(advance), .in(sum), .out(rounded[port*PORT_BITS + number*BITS +: BITS])
            );
        end
    end

    inrarch_delay_reset #(.BITS(1), .CYCLES(5)) store_delay (.clk, .reset, .enable(advance), .in(take), .out(store));

    assign last_part = part[PARTS-1];
    if (PARTS == 1) begin : whole
        assign part = 1'b1;
    end else begin : in_parts
        always_ff @(posedge clk) begin
            if (reset) part <= PARTS'(1);
            else if (advance && store) part <= last_part ? PARTS'(1) : part << 1;
        end
    end
    for (genvar each = 0; each < PARTS; each++) begin : parts
        always_ff @(posedge clk)
            if (advance && store && part[each]) token[each*PORTS*PORT_BITS +: PORTS*PORT_BITS] <= rounded;
    end
    always_ff @(posedge clk) begin
        if (reset) begin
            count      <= '0;
            write_due  <= 1'b0;
            last_write <= 1'b0;
        end else if (advance) begin
            if (store && last_part) count <= count + 1'b1;
            write_due  <= store && last_part;
            last_write <= store && last_part && count == COUNT_BITS'(TOKENS - 1);
        end
    end

    // Biases that no coefficient has.
    logic unused_biases;
    assign unused_biases = &{1'b0, biases};
endmodule
