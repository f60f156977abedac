// One number of a token of inrarch_reorder: chosen among its sources, rounded as that source needs it, clipped. `select`
// comes in stage 1, the words in stage 2; the number leaves in stage 5.
module inrarch_reorder_number #(
    parameter int BITS    = 24,
    parameter int SOURCES = 1,
    parameter logic [SOURCES*32-1:0] SHIFT = '0,  // binary places that the rounding drops
    parameter int SELECT_BITS = SOURCES > 1 ? $clog2(SOURCES) : 1
) (
    input  logic                    clk,
    input  logic                    advance,
    input  logic [SELECT_BITS-1:0]  select,
    input  logic [SOURCES*BITS-1:0] words,
    output logic [BITS-1:0]         out
);
    logic [SELECT_BITS-1:0] chosen, rounded_chosen;
    logic [BITS-1:0] word;
    logic [SOURCES*BITS-1:0] rounded;

    inrarch_delay #(.BITS(SELECT_BITS), .CYCLES(1)) word_delay (.clk, .enable(advance), .in(select), .out(chosen));
    inrarch_delay #(.BITS(SELECT_BITS), .CYCLES(2)) round_delay (
        .clk, .enable(advance), .in(chosen), .out(rounded_chosen)
    );

    if (SOURCES == 1) begin : one
        always_ff @(posedge clk) begin
            if (advance) begin
                word <= words;
                out  <= rounded;
            end
        end
        logic unused;
        assign unused = &{1'b0, chosen, rounded_chosen};
    end else begin : several
        always_ff @(posedge clk) begin
            if (advance) begin
                word <= words[32'(chosen)*BITS +: BITS];
                out  <= rounded[32'(rounded_chosen)*BITS +: BITS];
            end
        end
    end

    // Sources of equal shifts share a rounding, that of the first of them.
    for (genvar s = 0; s < SOURCES; s++) begin : roundings
        localparam int SAME = first_like(s);
        localparam int DROPPED = SHIFT[s*32 +: 32];
        if (SAME == s) begin : first
            inrarch_round_stage #(.IN_BITS(BITS), .SHIFT(DROPPED), .OUT_BITS(BITS)) rounding (
                .clk, .enable(advance), .in(word), .out(rounded[s*BITS +: BITS])
            );
        end else begin : shared
            assign rounded[s*BITS +: BITS] = rounded[SAME*BITS +: BITS];
        end
    end

    function automatic int first_like(input int source);
        first_like = source;
        for (int other = source - 1; other >= 0; other--)
            if (SHIFT[other*32 +: 32] == SHIFT[source*32 +: 32]) first_like = other;
    endfunction
endmodule
