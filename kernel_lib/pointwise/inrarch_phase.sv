// sin, and cos where `cosine` is set: turns modulo 1 around a core of a quarter turn (inrarch_polynomial, t to sum): 8
// cycles and those of the core. The definition is PhaseTable of inrarch/numeric/reductions.py.
module inrarch_phase #(
    parameter int          BITS         = 2,
    parameter int          OUT_BITS     = 2,
    parameter int          PHASE_BITS   = 8,
    parameter int          TURN_BITS    = 8,
    parameter int          SPLIT        = 0,
    parameter logic [63:0] HIGH         = 1,
    parameter logic [63:0] LOW          = 0,
    parameter int          HIGH_BITS    = 1,
    parameter int          LOW_BITS     = 1,
    parameter int          WIDE         = 27,  // signed bits of the multiplier blocks
    parameter int          NARROW       = 18,
    parameter int          SUM_BITS     = 8,
    parameter int          RESULT_SHIFT = 4,
    parameter int          CORE_CYCLES  = 10
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic                       cosine,
    input  logic signed [BITS-1:0]     x,
    output logic [TURN_BITS-3:0]       t,
    input  logic signed [SUM_BITS-1:0] sum,
    output logic signed [OUT_BITS-1:0] out
);
    localparam int QUARTER_BITS = TURN_BITS - 2;
    localparam int RESULT_BITS  = SUM_BITS - RESULT_SHIFT;

    logic signed [BITS-1:0]        kept;
    logic                          ahead, negative, minus;
    logic [PHASE_BITS-1:0]         phase;
    logic [TURN_BITS-1:0]          turn;
    logic [1:0]                    quadrant;
    logic signed [RESULT_BITS:0]   magnitude, result;
    logic signed [OUT_BITS-1:0]    clipped;

    // Turns: 5 cycles.
    always_ff @(posedge clk) if (enable) kept <= x;
    inrarch_scaled #(
        .BITS(BITS), .SPLIT(SPLIT), .HIGH(HIGH), .LOW(LOW), .HIGH_BITS(HIGH_BITS), .LOW_BITS(LOW_BITS),
        .WIDE(WIDE), .NARROW(NARROW),
        .OUT_BITS(PHASE_BITS)
    ) turns (
        .clk(clk), .enable(enable), .x(kept), .out(phase)
    );
    inrarch_delay #(.BITS(1), .CYCLES(5)) keep_cosine (.clk(clk), .enable(enable), .in(cosine), .out(ahead));

    // A cosine is a quarter turn ahead; odd quadrants fall: 1 cycle.
    assign turn     = phase[PHASE_BITS-1 -: TURN_BITS];
    assign quadrant = turn[QUARTER_BITS +: 2] + 2'(ahead);
    always_ff @(posedge clk) begin
        if (enable) begin
            t        <= turn[QUARTER_BITS-1:0] ^ {QUARTER_BITS{quadrant[0]}};
            negative <= quadrant[1];
        end
    end
    inrarch_delay #(.BITS(1), .CYCLES(CORE_CYCLES)) keep_negative (
        .clk(clk), .enable(enable), .in(negative), .out(minus)
    );

    // Sign, then saturation: 2 cycles.
    assign magnitude = (RESULT_BITS + 1)'($signed(sum[SUM_BITS-1:RESULT_SHIFT]));
    inrarch_round #(.IN_BITS(RESULT_BITS + 1), .OUT_BITS(OUT_BITS)) clip (.in(result), .out(clipped));
    always_ff @(posedge clk) begin
        if (enable) begin
            result <= minus ? -magnitude : magnitude;
            out    <= clipped;
        end
    end

    logic unused;
    assign unused = &{1'b0, phase, sum[RESULT_SHIFT-1:0]};
endmodule
