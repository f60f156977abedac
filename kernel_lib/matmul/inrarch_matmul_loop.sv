// The counters of inrarch_matmul: the flattened loop of matmul.hpp, one iteration per stage. Outputs belong to the
// iteration of this stage.
module inrarch_matmul_loop #(
    parameter int ROWS   = 1,
    parameter int READS  = 1,  // tokens of a row
    parameter int BLOCKS = 1,  // of inputs
    parameter int TURNS  = 1,  // blocks of coefficients
    parameter int GROUPS = 1,  // of outputs
    parameter int SLOT   = 1,
    parameter int STEP   = 1,
    parameter int PLACE_BITS = $clog2(2 * BLOCKS),
    parameter int TURN_BITS  = TURNS > 1 ? $clog2(TURNS) : 1
) (
    input  logic                  clk,
    input  logic                  reset,
    input  logic                  advance,
    output logic                  read_due,
    output logic                  active,      // weights are in use (in the step of the first row: they pass by)
    output logic                  multiplies,  // and so is a row
    output logic [PLACE_BITS-1:0] place,       // its block of inputs in the buffer
    output logic [TURN_BITS-1:0]  turn,
    output logic                  first_block,
    output logic                  last_block,
    output logic                  last_turn,
    output logic                  last_group,
    output logic                  last_row
);
    localparam int STAGE_BITS = STEP > 1 ? $clog2(STEP) : 1;
    localparam int SLOT_BITS  = SLOT > 1 ? $clog2(SLOT) : 1;
    localparam int BLOCK_BITS = $clog2(BLOCKS + 1);
    localparam int GROUP_BITS = $clog2(GROUPS + 1);

    logic [SLOT_BITS-1:0] in_slot;
    logic [BLOCK_BITS-1:0] block;      // BLOCKS: the rest of the slot
    logic [GROUP_BITS-1:0] group;      // GROUPS: the rest of the step
    logic reading, multiplying, half, step_ends;
    logic due, slot_ends, unused;
    logic [STAGE_BITS-1:0] stage;

    assign unused = &{1'b0, stage};  // of the step: slots are counted

    inrarch_steps #(.ROWS(ROWS), .STEP(STEP)) steps (
        .clk, .reset, .advance, .stage, .step_ends, .reading, .multiplying, .half
    );
    inrarch_turns #(.PERIOD(STEP), .EVENTS(READS)) reads (.clk, .reset, .advance, .due);

    assign read_due    = due && reading;
    assign active      = (reading || multiplying) && block != BLOCK_BITS'(BLOCKS) && group != GROUP_BITS'(GROUPS);
    assign multiplies  = active && multiplying;
    assign place       = PLACE_BITS'(block) + (half ? PLACE_BITS'(BLOCKS) : '0);
    assign first_block = block == '0;
    assign last_block  = block == BLOCK_BITS'(BLOCKS - 1);
    assign last_group  = group == GROUP_BITS'(GROUPS - 1);
    assign last_row    = !reading;
    assign slot_ends   = in_slot == SLOT_BITS'(SLOT - 1);

    always_ff @(posedge clk) begin
        if (reset) begin
            in_slot <= '0;
            block   <= '0;
            group   <= '0;
        end else if (advance) begin
            in_slot <= step_ends || slot_ends ? '0 : in_slot + 1'b1;
            if (step_ends || slot_ends) block <= '0;
            else if (last_turn && block != BLOCK_BITS'(BLOCKS)) block <= block + 1'b1;
            if (step_ends) group <= '0;
            else if (slot_ends && group != GROUP_BITS'(GROUPS)) group <= group + 1'b1;
        end
    end

    if (TURNS == 1) begin : all_at_once
        assign turn      = '0;
        assign last_turn = 1'b1;
    end else begin : in_turns
        assign last_turn = turn == TURN_BITS'(TURNS - 1);
        always_ff @(posedge clk) begin
            if (reset) turn <= '0;
            else if (advance) turn <= step_ends || slot_ends || last_turn ? '0 : turn + 1'b1;
        end
    end
endmodule
