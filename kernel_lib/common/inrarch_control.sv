// The pace of a process (docs/hardware.md, "Timing contract").
//
// A process has a local time, its stage. In every stage some of its accesses are due: first reads, in the order of the
// streams, then writes. An access that is due waits until the stream is able, and holds back those behind it; `advance`
// is set in the last cycle of the stage, when none is left. All other registers of a process move with `advance` alone,
// so that its accesses follow the schedule of network.json exactly.
//
//   in_ready[i]   read i is due and its turn; the word is taken where in_valid[i] is set too
//   out_valid[i]  write i is due and its turn; the word is given where out_ready[i] is set too
//   taken[i]      read i was made in an earlier cycle of this stage: its word is in inrarch_taken
module inrarch_control #(
    parameter int READS  = 1,
    parameter int WRITES = 1
) (
    input  logic              clk,
    input  logic              reset,
    input  logic [READS-1:0]  read_due,
    input  logic [WRITES-1:0] write_due,
    input  logic [READS-1:0]  in_valid,
    output logic [READS-1:0]  in_ready,
    output logic [WRITES-1:0] out_valid,
    input  logic [WRITES-1:0] out_ready,
    output logic [READS-1:0]  taken,
    output logic              advance
);
    localparam int ACCESSES = READS + WRITES;

    logic [ACCESSES-1:0] due, able, done, offered;
    logic open;

    assign due  = {write_due, read_due};
    assign able = {out_ready, in_valid};

    always_comb begin
        open = !reset;
        for (int access = 0; access < ACCESSES; access++) begin
            offered[access] = open && due[access] && !done[access];
            open = open && (!due[access] || done[access] || able[access]);
        end
    end

    always_ff @(posedge clk) begin
        if (reset || advance) done <= '0;
        else done <= done | (offered & able);
    end

    assign {out_valid, in_ready} = offered;
    assign taken   = done[READS-1:0];
    assign advance = open;
endmodule
