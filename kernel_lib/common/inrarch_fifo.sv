// A stream of DEPTH words. Its outputs depend on its state alone.
//
// A word that is written in cycle t can be read from cycle t + LATENCY on; the word of a read in cycle t makes room for
// a write from cycle t + 1 on. LATENCY 1: words in registers, read without a clock. LATENCY 2: words in a memory that
// is read with the clock; STYLE 1: of LUTs, 2: block RAM.
module inrarch_fifo #(
    parameter int BITS    = 1,
    parameter int DEPTH   = 2,
    parameter int LATENCY = 1,
    parameter int STYLE   = 1
) (
    input  logic            clk,
    input  logic            reset,
    input  logic [BITS-1:0] in_data,
    input  logic            in_valid,
    output logic            in_ready,
    output logic [BITS-1:0] out_data,
    output logic            out_valid,
    input  logic            out_ready
);
    localparam int PLACE_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
    localparam int COUNT_BITS = $clog2(DEPTH + 1);
    localparam logic [PLACE_BITS-1:0] LAST = PLACE_BITS'(DEPTH - 1);

    logic [PLACE_BITS-1:0] write_place, read_place, next_place;
    logic [PLACE_BITS-1:0] following;  // the place after read_place
    logic [COUNT_BITS-1:0] occupied;  // words written and not read
    logic [COUNT_BITS-1:0] readable;  // of these, written LATENCY cycles ago
    logic push, pop, arrives;

    // in_ready, occupied != FULL, and out_valid, readable != 0, are registers: the pace of two processes is behind them.
    assign push       = in_valid && in_ready;
    assign pop        = out_valid && out_ready;
    assign next_place = pop ? following : read_place;

    always_ff @(posedge clk) begin
        if (reset) begin
            write_place <= '0;
            read_place  <= '0;
            following   <= PLACE_BITS'(DEPTH > 1);
            occupied    <= '0;
            readable    <= '0;
            in_ready    <= 1'b1;
            out_valid   <= 1'b0;
        end else begin
            if (push) write_place <= write_place == LAST ? '0 : write_place + 1'b1;
            if (pop) following <= following == LAST ? '0 : following + 1'b1;
            read_place <= next_place;
            occupied   <= occupied + COUNT_BITS'(push) - COUNT_BITS'(pop);
            readable   <= readable + COUNT_BITS'(arrives) - COUNT_BITS'(pop);
            in_ready   <= pop || (in_ready && !(push && occupied == COUNT_BITS'(DEPTH - 1)));
            out_valid  <= arrives || (out_valid && !(pop && readable == COUNT_BITS'(1)));
        end
    end

    if (LATENCY == 1) begin : registers
        (* ram_style = "registers" *) logic [BITS-1:0] words[DEPTH];
        assign arrives  = push;
        assign out_data = words[read_place];
        always_ff @(posedge clk) begin
            if (push) words[write_place] <= in_data;
        end
    end else begin : memory
        logic pushed;
        assign arrives = pushed;
        always_ff @(posedge clk) begin
            if (reset) pushed <= 1'b0;
            else pushed <= push;
        end
        if (STYLE == 2) begin : block
            (* ram_style = "block" *) logic [BITS-1:0] words[DEPTH];
            always_ff @(posedge clk) begin
                if (push) words[write_place] <= in_data;
                out_data <= words[next_place];
            end
        end else begin : distributed
            (* ram_style = "distributed" *) logic [BITS-1:0] words[DEPTH];
            always_ff @(posedge clk) begin
                if (push) words[write_place] <= in_data;
                out_data <= words[next_place];
            end
        end
    end
endmodule
