// A memory with a port for writing and a port for reading with the clock: data holds word `read_place` of the last cycle
// in which `enable` was set. A word is not read in the cycle in which it is written. It begins with zeros.
// STYLE 0: as the tool chooses, 1: LUTs, 2: block RAM, 3: UltraRAM (`style` of inrarch/dataflow/memories.py).
module inrarch_buffer #(
    parameter int WORDS = 2,
    parameter int BITS  = 1,
    parameter int STYLE = 0,
    parameter int PLACE_BITS = WORDS > 1 ? $clog2(WORDS) : 1
) (
    input  logic                  clk,
    input  logic                  enable,
    input  logic                  write,
    input  logic [PLACE_BITS-1:0] write_place,
    input  logic [BITS-1:0]       in,
    input  logic [PLACE_BITS-1:0] read_place,
    output logic [BITS-1:0]       data
);
    if (STYLE == 3) begin : ultra
        (* no_rw_check, rw_addr_collision = "no", ram_style = "ultra" *) logic [BITS-1:0] words[WORDS];
        initial for (int word = 0; word < WORDS; word++) words[word] = '0;
        always_ff @(posedge clk) begin
            if (enable) begin
                if (write) words[write_place] <= in;
                data <= words[read_place];
            end
        end
    end else if (STYLE == 2) begin : block
        (* no_rw_check, rw_addr_collision = "no", ram_style = "block" *) logic [BITS-1:0] words[WORDS];
        initial for (int word = 0; word < WORDS; word++) words[word] = '0;
        always_ff @(posedge clk) begin
            if (enable) begin
                if (write) words[write_place] <= in;
                data <= words[read_place];
            end
        end
    end else if (STYLE == 1) begin : distributed
        (* no_rw_check, rw_addr_collision = "no", ram_style = "distributed" *) logic [BITS-1:0] words[WORDS];
        initial for (int word = 0; word < WORDS; word++) words[word] = '0;
        always_ff @(posedge clk) begin
            if (enable) begin
                if (write) words[write_place] <= in;
                data <= words[read_place];
            end
        end
    end else begin : free
        (* no_rw_check, rw_addr_collision = "no" *) logic [BITS-1:0] words[WORDS];
        initial for (int word = 0; word < WORDS; word++) words[word] = '0;
        always_ff @(posedge clk) begin
            if (enable) begin
                if (write) words[write_place] <= in;
                data <= words[read_place];
            end
        end
    end
endmodule
