// Steps of STEP stages: in step s, row s is read and row s-1 is multiplied.
module inrarch_steps #(
    parameter int ROWS = 1,
    parameter int STEP = 1,
    parameter int STAGE_BITS = STEP > 1 ? $clog2(STEP) : 1
) (
    input  logic                  clk,
    input  logic                  reset,
    input  logic                  advance,
    output logic [STAGE_BITS-1:0] stage,  // of the step
    output logic                  step_ends,
    output logic                  reading,
    output logic                  multiplying,
    output logic                  half    // of a double buffer, in which the row is that is multiplied: 0 for row 0
);
    localparam int ROW_BITS = ROWS > 1 ? $clog2(ROWS) : 1;

    logic [ROW_BITS-1:0] row;  // that is read

    assign step_ends = stage == STAGE_BITS'(STEP - 1);

    always_ff @(posedge clk) begin
        if (reset) begin
            stage       <= '0;
            row         <= '0;
            reading     <= 1'b1;
            multiplying <= 1'b0;
            half        <= 1'b1;
        end else if (advance) begin
            stage <= step_ends ? '0 : stage + 1'b1;
            if (step_ends) begin
                row         <= row + 1'b1;
                reading     <= reading && row != ROW_BITS'(ROWS - 1);
                multiplying <= reading;
                half        <= !half;
            end
        end
    end
endmodule
