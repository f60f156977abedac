// A memory with a port for writing and a port for reading with the clock: data holds word `read_place` of the last cycle
// in which `enable` was set. A word is not read in the cycle in which it is written. It begins with zeros.
module inrarch_buffer #(
    parameter int WORDS = 2,
    parameter int BITS  = 1,
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
    (* no_rw_check, rw_addr_collision = "no" *) logic [BITS-1:0] words[WORDS];

    initial for (int word = 0; word < WORDS; word++) words[word] = '0;

    always_ff @(posedge clk) begin
        if (enable) begin
            if (write) words[write_place] <= in;
            data <= words[read_place];
        end
    end
endmodule
