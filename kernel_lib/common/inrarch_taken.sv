// The word of a read that is due in this stage: the stream's, or, once it was taken from the stream, the one kept.
module inrarch_taken #(
    parameter int BITS = 1
) (
    input  logic            clk,
    input  logic            taken,
    input  logic [BITS-1:0] in_data,
    output logic [BITS-1:0] data
);
    logic [BITS-1:0] kept;

    assign data = taken ? kept : in_data;

    always_ff @(posedge clk) begin
        if (!taken) kept <= in_data;
    end
endmodule
