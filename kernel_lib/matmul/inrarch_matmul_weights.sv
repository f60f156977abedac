// The weights of inrarch_matmul: BLOCKS blocks in a circle, in order, one in use at a time, for TURNS stages.
//
// Where TURNS is 1, a block is a word of the memory. Else it comes in WORDS words, read while the block before it is in
// use, and kept in a register while that is used. Weights leave two stages after their
// iteration, or three where they take turns with others.
module inrarch_matmul_weights #(
    parameter int BLOCKS       = 1,  // of all groups
    parameter int WORDS        = 1,  // of a block
    parameter int WORD_WEIGHTS = 1,
    parameter int WEIGHTS      = 1,  // of a block
    parameter int BITS         = 18,
    parameter int TURNS        = 1,
    parameter int TURN_BITS    = TURNS > 1 ? $clog2(TURNS) : 1,
    parameter int ADDRESS_BITS = BLOCKS * WORDS > 1 ? $clog2(BLOCKS * WORDS) : 1
) (
    input  logic                         clk,
    input  logic                         reset,
    input  logic                         advance,
    input  logic                         active,
    input  logic [TURN_BITS-1:0]         turn,
    input  logic                         last_turn,
    output logic [ADDRESS_BITS-1:0]      address,
    input  logic [WORD_WEIGHTS*BITS-1:0] data,
    output logic [WEIGHTS*BITS-1:0]      weights
);
    localparam int LAST  = BLOCKS * WORDS - 1;
    localparam int START = TURNS > 1 && BLOCKS > 1 ? WORDS : 0;

    logic wanted, next;  // a word in this iteration; the same, a stage later

    assign wanted = active && (TURNS == 1 || 32'(turn) < WORDS);
    inrarch_delay_reset #(.BITS(1), .CYCLES(1)) next_delay (.clk, .reset, .enable(advance), .in(wanted), .out(next));
    always_ff @(posedge clk) begin
        if (reset) address <= ADDRESS_BITS'(START);
        else if (advance && next) address <= address == ADDRESS_BITS'(LAST) ? '0 : address + 1'b1;
    end

    if (TURNS == 1) begin : all_at_once
        assign weights = data;
        logic unused;
        assign unused = &{1'b0, last_turn};
    end else begin : in_turns
        logic [WORDS*WORD_WEIGHTS*BITS-1:0] words;
        logic keep, load;
        inrarch_delay #(.BITS(1), .CYCLES(1)) keep_delay (.clk, .enable(advance), .in(next), .out(keep));
        inrarch_delay #(.BITS(1), .CYCLES(3)) load_delay (
            .clk, .enable(advance), .in(active && last_turn), .out(load)
        );
        if (WORDS == 1) begin : one
            always_ff @(posedge clk) if (advance && keep) words <= data;
        end else begin : several
            // The first word ends up lowest.
            always_ff @(posedge clk)
                if (advance && keep) words <= {data, words[WORDS*WORD_WEIGHTS*BITS-1:WORD_WEIGHTS*BITS]};
        end
        always_ff @(posedge clk) if (advance && load) weights <= words[WEIGHTS*BITS-1:0];
        if (WORDS * WORD_WEIGHTS > WEIGHTS) begin : filled
            logic unused;
            assign unused = &{1'b0, words};
        end
    end
endmodule
