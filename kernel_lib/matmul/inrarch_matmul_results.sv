// The end of inrarch_matmul: sums are rounded into a bank of results, which leaves token by token while the next sums
// are made. The stages: sums of coefficients that take turns are brought to one binary point (only there), rounded,
// clipped into the bank, and a token of the bank is chosen, which is written in the stage after.
//
// `turn` comes with the sums. `store` marks the stage in which the sums of a group of outputs have reached the end of the
// rounding, of the coefficients of `store_turn`; last_turn, last_group, last_row come with it.
module inrarch_matmul_results #(
    parameter int OUTPUTS      = 1,  // of a row
    parameter int LANES_OUT    = 1,
    parameter int LANES        = 1,  // of coefficients
    parameter int STREAM_LANES = 1,
    parameter int COEFFICIENTS = 1,
    parameter int SUM_BITS     = 48,
    parameter int BITS         = 24,
    parameter logic [COEFFICIENTS*32-1:0] SHIFT = '0,  // binary places dropped from the sum of each coefficient
    parameter int TURNS        = (COEFFICIENTS + LANES - 1) / LANES,
    parameter int TURN_BITS    = TURNS > 1 ? $clog2(TURNS) : 1
) (
    input  logic                                      clk,
    input  logic                                      reset,
    input  logic                                      advance,
    input  logic [LANES_OUT*LANES*SUM_BITS-1:0]       sums,
    input  logic [TURN_BITS-1:0]                      turn,
    input  logic                                      store,
    input  logic [TURN_BITS-1:0]                      store_turn,
    input  logic                                      last_turn,
    input  logic                                      last_group,
    input  logic                                      last_row,
    output logic [STREAM_LANES*COEFFICIENTS*BITS-1:0] token,
    output logic                                      write_due,
    output logic                                      last_write  // of the invocation
);
    localparam int BANK        = LANES_OUT > STREAM_LANES ? LANES_OUT : STREAM_LANES;
    localparam int GROUPS      = BANK / LANES_OUT;     // that fill a bank
    localparam int TOKENS      = BANK / STREAM_LANES;  // of a full bank
    localparam int LAST_TOKENS = (OUTPUTS - (OUTPUTS - 1) / BANK * BANK) / STREAM_LANES;
    localparam int TOKEN_BITS  = STREAM_LANES * COEFFICIENTS * BITS;
    localparam int COUNT_BITS  = $clog2(TOKENS + 1);

    logic [BANK*COEFFICIENTS*BITS-1:0] bank;
    logic [GROUPS-1:0] slot;  // of the bank, one-hot
    logic [COUNT_BITS-1:0] pending, sent;
    logic full, ending;

    for (genvar o = 0; o < LANES_OUT; o++) begin : outputs
        for (genvar lane = 0; lane < LANES; lane++) begin : lanes
            localparam int MOST  = most(lane);
            localparam int WIDE  = SUM_BITS + MOST - least(lane);
            localparam int COUNT = (COEFFICIENTS - lane + LANES - 1) / LANES;
            logic signed [SUM_BITS-1:0] sum;
            logic signed [WIDE-1:0] aligned;
            logic signed [BITS-1:0] rounded;

            assign sum = sums[(o*LANES + lane)*SUM_BITS +: SUM_BITS];
            if (TURNS == 1) begin : one
                assign aligned = sum;
            end else begin : several
                logic [COUNT*WIDE-1:0] shifted;
                for (genvar block = 0; block < COUNT; block++) begin : blocks
                    localparam int DROPPED = SHIFT[(block*LANES + lane)*32 +: 32];
                    assign shifted[block*WIDE +: WIDE] = WIDE'(sum) << (MOST - DROPPED);
                end
                if (COUNT == 1) begin : alone
                    always_ff @(posedge clk) if (advance) aligned <= shifted;
                end else begin : chosen
                    always_ff @(posedge clk) if (advance) aligned <= shifted[32'(turn)*WIDE +: WIDE];
                end
            end
            inrarch_round_stage #(.IN_BITS(WIDE), .SHIFT(MOST), .OUT_BITS(BITS)) rounding (
                .clk, .enable(advance), .in(aligned), .out(rounded)
            );
            for (genvar group = 0; group < GROUPS; group++) begin : groups
                for (genvar block = 0; block < COUNT; block++) begin : numbers
                    localparam int PLACE = (group*LANES_OUT + o)*COEFFICIENTS + block*LANES + lane;
                    always_ff @(posedge clk) begin
                        if (advance && store && slot[group] && (TURNS == 1 || store_turn == TURN_BITS'(block)))
                            bank[PLACE*BITS +: BITS] <= rounded;
                    end
                end
            end
        end
    end

    function automatic int most(input int lane);
        most = SHIFT[lane*32 +: 32];
        for (int number = lane + LANES; number < COEFFICIENTS; number += LANES)
            if ($signed(SHIFT[number*32 +: 32]) > most) most = SHIFT[number*32 +: 32];
    endfunction

    function automatic int least(input int lane);
        least = SHIFT[lane*32 +: 32];
        for (int number = lane + LANES; number < COEFFICIENTS; number += LANES)
            if ($signed(SHIFT[number*32 +: 32]) < least) least = SHIFT[number*32 +: 32];
    endfunction

    assign full = store && last_turn && (slot[GROUPS-1] || last_group);

    always_ff @(posedge clk) begin
        if (reset) begin
            pending    <= '0;
            sent       <= '0;
            write_due  <= 1'b0;
            last_write <= 1'b0;
        end else if (advance) begin
            if (full) begin
                pending <= last_group ? COUNT_BITS'(LAST_TOKENS) : COUNT_BITS'(TOKENS);
                sent    <= '0;
            end else if (pending != '0) begin
                pending <= pending - 1'b1;
                sent    <= sent + 1'b1;
            end
            write_due  <= pending != '0;
            last_write <= pending == COUNT_BITS'(1) && ending;
        end
    end

    always_ff @(posedge clk) begin
        if (advance && full) ending <= last_group && last_row;
    end

    if (GROUPS == 1) begin : one_group
        assign slot = 1'b1;
    end else begin : several_groups
        always_ff @(posedge clk) begin
            if (reset) slot <= GROUPS'(1);
            else if (advance && store && last_turn) slot <= full ? GROUPS'(1) : slot << 1;
        end
    end

    if (TOKENS == 1) begin : one_token
        always_ff @(posedge clk) if (advance) token <= bank;
        logic unused;
        assign unused = &{1'b0, sent};
    end else begin : several_tokens
        always_ff @(posedge clk) if (advance) token <= bank[32'(sent)*TOKEN_BITS +: TOKEN_BITS];
    end

    logic unused_turns;
    assign unused_turns = &{1'b0, turn, store_turn};
endmodule
