// Bits of an unsigned number, 1 + the place of its leading one, 0 for 0: 2 cycles, groups of GROUP bits first.
module inrarch_bit_length #(
    parameter int BITS        = 2,
    parameter int LENGTH_BITS = $clog2(BITS + 1)
) (
    input  logic                   clk,
    input  logic                   enable,
    input  logic [BITS-1:0]        in,
    output logic [LENGTH_BITS-1:0] out
);
    localparam int GROUP  = 6;
    localparam int GROUPS = (BITS + GROUP - 1) / GROUP;

    logic [GROUPS*GROUP-1:0] padded;
    logic [GROUPS*3-1:0]     lengths, next_lengths;  // of each group, 0 to 6
    logic [LENGTH_BITS-1:0]  length;

    assign padded = (GROUPS * GROUP)'(in);

    always_comb begin
        next_lengths = '0;
        for (int group = 0; group < GROUPS; group++) begin
            for (int place = 0; place < GROUP; place++) begin
                if (padded[group*GROUP+place]) next_lengths[group*3 +: 3] = 3'(place + 1);
            end
        end
        length = '0;
        for (int group = 0; group < GROUPS; group++) begin
            if (lengths[group*3 +: 3] != '0) begin
                length = LENGTH_BITS'(group * GROUP) + LENGTH_BITS'(lengths[group*3 +: 3]);
            end
        end
    end

    always_ff @(posedge clk) begin
        if (enable) begin
            lengths <= next_lengths;
            out     <= length;
        end
    end
endmodule
