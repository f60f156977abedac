// The ports of a design on one serial line: words of 32 bits, lowest byte first, in the order of inrarch_port_turns.
//
// Words that come in wait in a memory for a whole invocation, and so do, where there are several output ports, those
// that go out: a host may send an invocation at full speed and then read what comes, and no order of the ports on the
// line can block the design.
module inrarch_serial_link #(
    parameter int CYCLES_PER_BIT = 50,
    parameter int ROWS    = 1,
    parameter int INPUTS  = 1,
    parameter int OUTPUTS = 1,
    parameter logic [INPUTS*32-1:0]  INPUT_WORDS  = '0,  // per row
    parameter logic [OUTPUTS*32-1:0] OUTPUT_WORDS = '0,  // per row, or per invocation
    parameter logic [OUTPUTS-1:0]    ONCE = '0,
    parameter int BUFFER = 512                           // words of an invocation, on the side that has more
) (
    input  logic                  clk,
    input  logic                  reset,
    input  logic                  receive,
    output logic                  transmit,
    output logic [INPUTS*32-1:0]  to_design_data,
    output logic [INPUTS-1:0]     to_design_valid,
    input  logic [INPUTS-1:0]     to_design_ready,
    input  logic [OUTPUTS*32-1:0] from_design_data,
    input  logic [OUTPUTS-1:0]    from_design_valid,
    output logic [OUTPUTS-1:0]    from_design_ready
);
    // In: bytes, words, the buffer, the port whose turn it is.
    logic [7:0] byte_in;
    logic byte_in_valid, buffered_valid, unused_ready;
    logic [1:0] bytes_in;
    logic [31:0] word_in, buffered;
    logic word_in_valid;
    logic [INPUTS-1:0] input_turn;

    inrarch_uart_receiver #(.CYCLES_PER_BIT(CYCLES_PER_BIT)) receiver (
        .clk, .reset, .line(receive), .data(byte_in), .valid(byte_in_valid)
    );
    always_ff @(posedge clk) begin
        word_in_valid <= byte_in_valid && bytes_in == 2'd3 && !reset;
        if (byte_in_valid) word_in <= {byte_in, word_in[31:8]};
        if (reset) bytes_in <= '0;
        else if (byte_in_valid) bytes_in <= bytes_in + 1'b1;
    end
    inrarch_fifo #(.BITS(32), .DEPTH(BUFFER), .LATENCY(2), .STYLE(2)) input_buffer (
        .clk, .reset, .in_data(word_in), .in_valid(word_in_valid), .in_ready(unused_ready),
        .out_data(buffered), .out_valid(buffered_valid), .out_ready(|(input_turn & to_design_ready))
    );
    inrarch_port_turns #(.PORTS(INPUTS), .ROWS(ROWS), .WORDS(INPUT_WORDS)) input_turns (
        .clk, .reset, .next(buffered_valid && |(input_turn & to_design_ready)), .turn(input_turn)
    );
    assign to_design_data  = {INPUTS{buffered}};
    assign to_design_valid = {INPUTS{buffered_valid}} & input_turn;

    // Out: buffers, the port whose turn it is, words, bytes.
    logic [OUTPUTS*32-1:0] waiting;
    logic [OUTPUTS-1:0] waiting_valid, output_turn, output_taken;
    logic [31:0] word_out, chosen;
    logic [2:0] bytes_out;  // left of word_out
    logic byte_out_ready, chosen_valid, take;

    if (OUTPUTS == 1) begin : one_output
        assign waiting = from_design_data;
        assign waiting_valid = from_design_valid;
        assign from_design_ready = output_taken;
    end else begin : several_outputs
        for (genvar p = 0; p < OUTPUTS; p++) begin : port
            inrarch_fifo #(.BITS(32), .DEPTH(BUFFER), .LATENCY(2), .STYLE(2)) output_buffer (
                .clk, .reset, .in_data(from_design_data[32*p +: 32]), .in_valid(from_design_valid[p]),
                .in_ready(from_design_ready[p]), .out_data(waiting[32*p +: 32]), .out_valid(waiting_valid[p]),
                .out_ready(output_taken[p])
            );
        end
    end
    inrarch_port_turns #(.PORTS(OUTPUTS), .ROWS(ROWS), .WORDS(OUTPUT_WORDS), .ONCE(ONCE)) output_turns (
        .clk, .reset, .next(take), .turn(output_turn)
    );
    always_comb begin
        chosen = '0;
        for (int p = 0; p < OUTPUTS; p++) begin
            if (output_turn[p]) chosen = waiting[32*p +: 32];
        end
    end
    assign chosen_valid = |(output_turn & waiting_valid);
    assign take = chosen_valid && bytes_out == 3'd0;
    assign output_taken = output_turn & {OUTPUTS{bytes_out == 3'd0}};
    always_ff @(posedge clk) begin
        if (reset) begin
            bytes_out <= '0;
        end else if (take) begin
            word_out  <= chosen;
            bytes_out <= 3'd4;
        end else if (bytes_out != 3'd0 && byte_out_ready) begin
            word_out  <= {8'd0, word_out[31:8]};
            bytes_out <= bytes_out - 1'b1;
        end
    end
    inrarch_uart_transmitter #(.CYCLES_PER_BIT(CYCLES_PER_BIT)) transmitter (
        .clk, .reset, .data(word_out[7:0]), .valid(bytes_out != 3'd0), .ready(byte_out_ready), .line(transmit)
    );
endmodule
