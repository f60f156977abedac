// Bytes to a serial line: one start bit, 8 data bits (lowest first), one stop bit.
module inrarch_uart_transmitter #(
    parameter int CYCLES_PER_BIT = 50
) (
    input  logic       clk,
    input  logic       reset,
    input  logic [7:0] data,
    input  logic       valid,
    output logic       ready,
    output logic       line
);
    localparam int BITS = $clog2(CYCLES_PER_BIT);

    logic [BITS-1:0] cycles;
    logic [9:0] bits;  // the lowest is on the line
    logic [3:0] left;

    assign ready = left == 4'd0;
    assign line  = bits[0];

    always_ff @(posedge clk) begin
        if (reset) begin
            bits <= '1;
            left <= 4'd0;
        end else if (ready) begin
            cycles <= BITS'(CYCLES_PER_BIT - 1);
            if (valid) begin
                bits <= {1'b1, data, 1'b0};
                left <= 4'd10;
            end
        end else if (cycles != '0) begin
            cycles <= cycles - 1'b1;
        end else begin
            cycles <= BITS'(CYCLES_PER_BIT - 1);
            bits   <= {1'b1, bits[9:1]};
            left   <= left - 1'b1;
        end
    end
endmodule
