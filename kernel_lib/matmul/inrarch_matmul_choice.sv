// The inputs of the coefficients whose turn it is; 0 beyond the last coefficient. A stage after the row has left the
// buffer, which is two stages after `turn`.
module inrarch_matmul_choice #(
    parameter int LANES_IN     = 1,
    parameter int LANES        = 1,
    parameter int COEFFICIENTS = 1,
    parameter int BITS         = 24,
    parameter int TURNS        = (COEFFICIENTS + LANES - 1) / LANES,
    parameter int TURN_BITS    = $clog2(TURNS)
) (
    input  logic                                  clk,
    input  logic                                  advance,
    input  logic [TURN_BITS-1:0]                  turn,
    input  logic [LANES_IN*COEFFICIENTS*BITS-1:0] row,
    output logic [LANES_IN*LANES*BITS-1:0]        inputs
);
    localparam int PADDED = TURNS * LANES * BITS;

    logic [TURN_BITS-1:0] now;

    inrarch_delay #(.BITS(TURN_BITS), .CYCLES(2)) turn_delay (.clk, .enable(advance), .in(turn), .out(now));

    for (genvar i = 0; i < LANES_IN; i++) begin : lanes
        logic [PADDED-1:0] numbers;
        assign numbers = PADDED'(row[i*COEFFICIENTS*BITS +: COEFFICIENTS*BITS]);
        always_ff @(posedge clk)
            if (advance) inputs[i*LANES*BITS +: LANES*BITS] <= numbers[32'(now)*LANES*BITS +: LANES*BITS];
    end
endmodule
