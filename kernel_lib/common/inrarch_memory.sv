// The read-only memory of a process (weights, biases, programs), beside it in the top: a module of its own, so that
// synthesis can leave its content out, and processes with different content share one module.
module inrarch_memory #(
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
    inrarch_rom #(.WORDS(WORDS), .BITS(BITS), .FILE(FILE), .STYLE(STYLE)) rom (.clk, .enable, .address, .data);
endmodule
