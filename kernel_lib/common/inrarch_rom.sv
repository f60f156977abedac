// A read-only memory, read with the clock: data holds word `address` of the last cycle in which `enable` was set.
// FILE: its words in hexadecimal, one per line. STYLE 0: as the tool chooses, 1: LUTs, 2: block RAM, 3: UltraRAM (`style`
// of inrarch/dataflow/memories.py). Yosys takes `distributed` for LUT memory, which is never read-only there.
module inrarch_rom #(
    parameter int WORDS = 2,
    parameter int BITS  = 1,
    parameter     FILE  = "",
    parameter int STYLE = 0,
    parameter int ADDRESS_BITS = WORDS > 1 ? $clog2(WORDS) : 1
) (
    input  logic                    clk,
    input  logic                    enable,
    input  logic [ADDRESS_BITS-1:0] address,
    output logic [BITS-1:0]         data
);
    if (STYLE == 2) begin : block
        (* rom_style = "block", ram_style = "block" *) logic [BITS-1:0] words[WORDS];
        initial $readmemh(FILE, words);
        always_ff @(posedge clk) if (enable) data <= words[address];
    end else if (STYLE == 3) begin : ultra
        (* rom_style = "ultra", ram_style = "ultra" *) logic [BITS-1:0] words[WORDS];
        initial $readmemh(FILE, words);
        always_ff @(posedge clk) if (enable) data <= words[address];
    end else if (STYLE == 1) begin : distributed
`ifdef YOSYS
        (* logic_block *)
`else
        (* rom_style = "distributed", ram_style = "distributed" *)
`endif
        logic [BITS-1:0] words[WORDS];
        initial $readmemh(FILE, words);
        always_ff @(posedge clk) if (enable) data <= words[address];
    end else begin : free
        logic [BITS-1:0] words[WORDS];
        initial $readmemh(FILE, words);
        always_ff @(posedge clk) if (enable) data <= words[address];
    end
endmodule
