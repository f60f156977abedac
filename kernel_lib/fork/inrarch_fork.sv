// One stream to several readers (fork.hpp). Stage n reads token n; stage n + 1 writes its fields to each output in turn.
module inrarch_fork #(
    parameter int TOKENS  = 1,   // of an invocation
    parameter int LANES   = 1,
    parameter int FIELDS  = 1,   // of the input
    parameter int BITS    = 24,  // of a field
    parameter int OUTPUTS = 2,
    // Output n carries the input's fields PLACES[START[n]] ... PLACES[START[n+1] - 1].
    parameter int COPIES  = 2,  // length of PLACES
    parameter logic [(OUTPUTS+1)*32-1:0] START  = {32'd2, 32'd1, 32'd0},
    parameter logic [COPIES*32-1:0]      PLACES = '0
) (
    input  logic                         clk,
    input  logic                         reset,
    input  logic [LANES*FIELDS*BITS-1:0] in_data,
    input  logic                         in_valid,
    output logic                         in_ready,
    output logic [LANES*COPIES*BITS-1:0] out_data,
    output logic [OUTPUTS-1:0]           out_valid,
    input  logic [OUTPUTS-1:0]           out_ready
);
    logic advance, running, last, taken, full;
    logic [LANES*FIELDS*BITS-1:0] word, token;

    inrarch_iterations #(.ITERATIONS(TOKENS), .DRAIN(1)) loop (.clk, .reset, .advance, .running, .last);
    inrarch_control #(.WRITES(OUTPUTS)) control (
        .clk, .reset, .read_due(running), .write_due({OUTPUTS{full}}),
        .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );
    inrarch_taken #(.BITS(LANES * FIELDS * BITS)) first_read (.clk, .taken, .in_data, .data(word));

    always_ff @(posedge clk) begin
        if (reset) full <= 1'b0;
        else if (advance) full <= running;
        if (advance) token <= word;
    end

    for (genvar n = 0; n < OUTPUTS; n++) begin : outputs
        localparam int FIRST = START[n*32 +: 32];
        localparam int COUNT = START[(n+1)*32 +: 32] - FIRST;
        for (genvar lane = 0; lane < LANES; lane++) begin : lanes
            for (genvar field = 0; field < COUNT; field++) begin : fields
                localparam int SOURCE = lane * FIELDS + PLACES[(FIRST+field)*32 +: 32];
                localparam int TARGET = LANES * FIRST + lane * COUNT + field;
                assign out_data[TARGET*BITS +: BITS] = token[SOURCE*BITS +: BITS];
            end
        end
    end

    // Fields that no reader needs.
    logic unused;
    assign unused = &{1'b0, token, last};
endmodule
