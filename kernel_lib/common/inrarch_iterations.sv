// The loop of a process: ITERATIONS iterations, one per stage; then DRAIN stages, in which the last of them leave the
// pipeline; then from the beginning, with the next invocation.
module inrarch_iterations #(
    parameter int ITERATIONS = 1,
    parameter int DRAIN      = 0
) (
    input  logic clk,
    input  logic reset,
    input  logic advance,
    output logic running,  // an iteration begins in this stage
    output logic last      // the next stage is the first one again
);
    localparam int STAGES = ITERATIONS + DRAIN;
    localparam int BITS   = STAGES > 1 ? $clog2(STAGES) : 1;

    logic [BITS-1:0] stage;

    assign last = stage == BITS'(STAGES - 1);

    always_ff @(posedge clk) begin
        if (reset) stage <= '0;
        else if (advance) stage <= last ? '0 : stage + 1'b1;
    end

    if (DRAIN == 0) begin : always_running
        assign running = 1'b1;
    end else begin : drained
        always_ff @(posedge clk) begin
            if (reset) running <= 1'b1;
            else if (advance) running <= last || (running && stage != BITS'(ITERATIONS - 1));
        end
    end
endmodule
