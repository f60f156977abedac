// The inputs that one product of inrarch_sparse_matmul uses, in a double buffer of BANKS banks: bank h keeps of every
// slice its number h, where `kept` says so. The operand comes two stages after its place.
module inrarch_sparse_matmul_operand #(
    parameter int BANKS        = 1,
    parameter int ADDRESS_BITS = 1,  // of half a bank; 0 where that is one word
    parameter int PLACE_BITS   = 1,
    parameter int BITS         = 24,  // of a number with all coefficients
    parameter int STYLE        = 0    // of the memories
) (
    input  logic                  clk,
    input  logic                  reset,
    input  logic                  advance,
    input  logic [BANKS*BITS-1:0] slice,
    input  logic                  write,
    input  logic                  write_half,
    input  logic                  last_slice,  // of a row
    input  logic [BANKS-1:0]      kept,
    input  logic                  half,
    input  logic [PLACE_BITS-1:0] place,       // bank << ADDRESS_BITS | word
    output logic [BITS-1:0]       operand
);
    localparam int WORD_BITS = ADDRESS_BITS > 0 ? ADDRESS_BITS : 1;

    logic [BANKS*BITS-1:0] words;
    logic [WORD_BITS-1:0] word;

    assign word = WORD_BITS'(place);

    for (genvar bank = 0; bank < BANKS; bank++) begin : banks
        logic put;
        assign put = write && kept[bank];
        if (ADDRESS_BITS == 0) begin : single
            inrarch_buffer #(.WORDS(2), .BITS(BITS), .STYLE(STYLE)) buffer (
                .clk, .enable(advance), .write(put), .write_place(write_half), .in(slice[bank*BITS +: BITS]),
                .read_place(half), .data(words[bank*BITS +: BITS])
            );
        end else begin : several
            logic [WORD_BITS-1:0] count;
            always_ff @(posedge clk) begin
                if (reset) count <= '0;
                else if (advance && write) count <= last_slice ? '0 : count + WORD_BITS'(kept[bank]);
            end
            inrarch_buffer #(.WORDS(2 << ADDRESS_BITS), .BITS(BITS), .STYLE(STYLE)) buffer (
                .clk, .enable(advance), .write(put), .write_place({write_half, count}),
                .in(slice[bank*BITS +: BITS]), .read_place({half, word}), .data(words[bank*BITS +: BITS])
            );
        end
    end

    if (BANKS == 1) begin : one_bank
        always_ff @(posedge clk) if (advance) operand <= words;
    end else begin : several_banks
        localparam int BANK_BITS = $clog2(BANKS);
        logic [BANK_BITS-1:0] bank;
        always_ff @(posedge clk) begin
            if (advance) begin
                bank    <= BANK_BITS'(place >> ADDRESS_BITS);
                operand <= words[32'(bank)*BITS +: BITS];
            end
        end
    end

    // Without words or banks to choose from.
    logic unused;
    assign unused = &{1'b0, place, word, reset, last_slice};
endmodule
