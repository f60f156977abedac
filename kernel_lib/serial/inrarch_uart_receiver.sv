// Bytes of a serial line: one start bit, 8 data bits (lowest first), one stop bit. A byte is there for one cycle.
module inrarch_uart_receiver #(
    parameter int CYCLES_PER_BIT = 50
) (
    input  logic       clk,
    input  logic       reset,
    input  logic       line,
    output logic [7:0] data,
    output logic       valid
);
    localparam int BITS = $clog2(CYCLES_PER_BIT + CYCLES_PER_BIT / 2 + 1);
    localparam logic [BITS-1:0] BIT  = BITS'(CYCLES_PER_BIT - 1);
    localparam logic [BITS-1:0] HALF = BITS'(CYCLES_PER_BIT + CYCLES_PER_BIT / 2 - 1);  // to the middle of bit 0

    logic [1:0] synchronised;
    logic [BITS-1:0] cycles;
    logic [3:0] left;  // bits, the stop bit included
    logic now;

    assign now = synchronised[1];

    always_ff @(posedge clk) begin
        synchronised <= {synchronised[0], line};
        if (reset) begin
            left  <= 4'd0;
            valid <= 1'b0;
        end else begin
            valid <= 1'b0;
            if (left == 4'd0) begin
                if (!now) left <= 4'd9;
                cycles <= HALF;
            end else if (cycles != '0) begin
                cycles <= cycles - 1'b1;
            end else begin
                cycles <= BIT;
                left   <= left - 1'b1;
                if (left != 4'd1) data <= {now, data[7:1]};
                else valid <= now;  // without a stop bit it was no byte
            end
        end
    end
endmodule
