// EVENTS of every PERIOD stages, spread evenly: number k is due in stage ceil(k * PERIOD / EVENTS) of a period.
module inrarch_turns #(
    parameter int PERIOD = 1,
    parameter int EVENTS = 1
) (
    input  logic clk,
    input  logic reset,  // the next stage is the first one of a period
    input  logic advance,
    output logic due
);
    localparam int BITS = PERIOD > 1 ? $clog2(PERIOD) : 1;

    if (EVENTS == PERIOD) begin : always_due
        assign due = 1'b1;
        logic unused;
        assign unused = &{1'b0, clk, reset, advance};
    end else begin : spread
        // stage * EVENTS mod PERIOD; an event is due in the stage after a wrap.
        logic [BITS-1:0] phase;
        logic wraps;
        assign wraps = phase >= BITS'(PERIOD - EVENTS);
        always_ff @(posedge clk) begin
            if (reset) begin
                phase <= '0;
                due   <= 1'b1;
            end else if (advance) begin
                phase <= wraps ? phase - BITS'(PERIOD - EVENTS) : phase + BITS'(EVENTS);
                due   <= wraps;
            end
        end
    end
endmodule
