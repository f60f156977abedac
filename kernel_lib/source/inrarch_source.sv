// Port to stream (source.hpp): LANES words of a port become a token. Stage k reads word k; a token is written in the
// stage after the last of its words, from the register that the next words move into.
module inrarch_source #(
    parameter int TOKENS = 1,  // of an invocation
    parameter int LANES  = 1,
    parameter int BITS   = 24  // of a feature
) (
    input  logic                  clk,
    input  logic                  reset,
    input  logic [31:0]           in_data,
    input  logic                  in_valid,
    output logic                  in_ready,
    output logic [LANES*BITS-1:0] out_data,
    output logic                  out_valid,
    input  logic                  out_ready
);
    localparam int LANE_BITS = LANES > 1 ? $clog2(LANES) : 1;

    logic advance, running, last, taken, full, last_lane;
    logic [BITS-1:0] word;
    logic [(LANES+1)*BITS-1:0] moved;

    inrarch_iterations #(.ITERATIONS(TOKENS * LANES), .DRAIN(1)) loop (
        .clk, .reset, .advance, .running, .last
    );
    inrarch_control control (
        .clk, .reset, .read_due(running), .write_due(full),
        .in_valid, .in_ready, .out_valid, .out_ready, .taken, .advance
    );
    inrarch_taken #(.BITS(BITS)) first_read (.clk, .taken, .in_data(in_data[BITS-1:0]), .data(word));

    if (LANES == 1) begin : narrow
        assign last_lane = 1'b1;
    end else begin : wide
        logic [LANE_BITS-1:0] lane;
        assign last_lane = lane == LANE_BITS'(LANES - 1);
        always_ff @(posedge clk) begin
            if (reset) lane <= '0;
            else if (advance && running) lane <= last_lane ? '0 : lane + 1'b1;
        end
    end

    always_ff @(posedge clk) begin
        if (reset) full <= 1'b0;
        else if (advance) full <= running && last_lane;
    end

    // The first word of a token ends up lowest.
    assign moved = {word, out_data};
    always_ff @(posedge clk) begin
        if (advance) out_data <= moved[(LANES+1)*BITS-1:BITS];
    end

    // A port word is a sign-extended number; the lowest lane is moved out.
    logic unused;
    assign unused = &{1'b0, in_data, moved[BITS-1:0], last};
endmodule
