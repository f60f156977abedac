// Stream to port (sink.hpp): the fields PLACES of every feature of a token as words of a port, feature by feature. A
// token is read in the stage that sends its first word; the other words wait in a queue. A word of the output is {last of
// the invocation, sign-extended number}.
module inrarch_sink #(
    parameter int TOKENS  = 1,  // of an invocation
    parameter int LANES   = 1,
    parameter int FIELDS  = 1,
    parameter int BITS    = 24,  // of a field
    parameter int OUTPUTS = 1,   // fields that are sent
    parameter logic [OUTPUTS*32-1:0] PLACES = '0
) (
    input  logic                         clk,
    input  logic                         reset,
    input  logic [LANES*FIELDS*BITS-1:0] in_data,
    input  logic                         in_valid,
    output logic                         in_ready,
    output logic [32:0]                  out_data,
    output logic                         out_valid,
    input  logic                         out_ready
);
    localparam int WORDS      = LANES * OUTPUTS;
    localparam int PLACE_BITS = WORDS > 1 ? $clog2(WORDS) : 1;

    logic advance, running, taken, first, last;
    logic [LANES*FIELDS*BITS-1:0] token;
    logic [WORDS*BITS-1:0] chosen;
    logic signed [BITS-1:0] word;

    inrarch_iterations #(.ITERATIONS(TOKENS * WORDS)) loop (.clk, .reset, .advance, .running, .last);
    inrarch_control control (
        .clk, .reset, .read_due(first), .write_due(1'b1),
        .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );
    inrarch_taken #(.BITS(LANES * FIELDS * BITS)) first_read (.clk, .taken, .in_data, .data(token));

    for (genvar lane = 0; lane < LANES; lane++) begin : lanes
        for (genvar number = 0; number < OUTPUTS; number++) begin : numbers
            localparam int PLACE = PLACES[number*32 +: 32];
            assign chosen[(lane*OUTPUTS + number)*BITS +: BITS] = token[(lane*FIELDS + PLACE)*BITS +: BITS];
        end
    end

    if (WORDS == 1) begin : single
        assign first = 1'b1;
        assign word  = chosen;
    end else begin : several
        logic [PLACE_BITS-1:0] place;
        logic [(WORDS-1)*BITS-1:0] queue;
        assign word  = first ? chosen[BITS-1:0] : queue[BITS-1:0];
        always_ff @(posedge clk) begin
            if (reset) begin
                place <= '0;
                first <= 1'b1;
            end else if (advance) begin
                place <= place == PLACE_BITS'(WORDS - 1) ? '0 : place + 1'b1;
                first <= place == PLACE_BITS'(WORDS - 1);
            end
            if (advance) queue <= first ? chosen[WORDS*BITS-1:BITS] : queue >> BITS;
        end
    end

    assign out_data = {last, 32'(word)};

    // Fields that are not sent; a loop without a pipeline is always running.
    logic unused;
    assign unused = &{1'b0, token, running};
endmodule
