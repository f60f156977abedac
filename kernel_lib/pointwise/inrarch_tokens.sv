// The pace of a region: token n is read in stage n INTERVAL and written LATENCY stages later; after TOKENS tokens it
// begins again with stage 0.
//
//   phase  bit p is set in the stages p, p + INTERVAL, ...
//   token  number of the token that is read, modulo PERIOD; it is held for INTERVAL stages
module inrarch_tokens #(
    parameter int READS      = 1,
    parameter int TOKENS     = 1,
    parameter int PERIOD     = 1,
    parameter int INTERVAL   = 1,
    parameter int LATENCY    = 1,
    parameter int TOKEN_BITS = PERIOD > 1 ? $clog2(PERIOD) : 1
) (
    input  logic                  clk,
    input  logic                  reset,
    input  logic [READS-1:0]      in_valid,
    output logic [READS-1:0]      in_ready,
    output logic                  out_valid,
    input  logic                  out_ready,
    output logic [READS-1:0]      taken,
    output logic                  advance,
    output logic [INTERVAL-1:0]   phase,
    output logic [TOKEN_BITS-1:0] token
);
    localparam int COUNT_BITS = $clog2(TOKENS + 1);
    localparam int FILL_BITS  = $clog2(LATENCY + 1);

    logic [COUNT_BITS-1:0] to_read, to_write;
    logic [FILL_BITS-1:0]  to_fill;  // stages until the first write
    logic more, next_more, filled, next_filled, last;
    logic read_due, write_due;  // registers: what is due is in front of all that waits

    assign next_more   = more && !(phase[0] && to_read == COUNT_BITS'(1));
    assign next_filled = filled || to_fill == FILL_BITS'(1);

    inrarch_control #(.READS(READS), .WRITES(1)) control (
        .clk(clk), .reset(reset), .read_due({READS{read_due}}), .write_due(write_due), .in_valid(in_valid),
        .in_ready(in_ready), .out_valid(out_valid), .out_ready(out_ready), .taken(taken), .advance(advance)
    );

    always_ff @(posedge clk) begin
        if (reset || (advance && write_due && last)) begin
            phase     <= INTERVAL'(1);
            token     <= '0;
            to_read   <= COUNT_BITS'(TOKENS);
            to_write  <= COUNT_BITS'(TOKENS);
            to_fill   <= FILL_BITS'(LATENCY);
            more      <= 1'b1;
            read_due  <= 1'b1;
            filled    <= 1'b0;
            write_due <= 1'b0;
            last      <= TOKENS == 1;
        end else if (advance) begin
            phase <= INTERVAL'({phase, phase[INTERVAL-1]});
            if (phase[INTERVAL-1]) token <= token == TOKEN_BITS'(PERIOD - 1) ? '0 : token + 1'b1;
            if (phase[0]) to_read <= to_read - 1'b1;
            if (!filled) to_fill <= to_fill - 1'b1;
            more      <= next_more;
            read_due  <= next_more && phase[INTERVAL-1];
            filled    <= next_filled;
            write_due <= next_filled && phase[(LATENCY+INTERVAL-1)%INTERVAL];
            if (write_due) begin
                to_write <= to_write - 1'b1;
                last     <= to_write == COUNT_BITS'(2);
            end
        end
    end
endmodule
