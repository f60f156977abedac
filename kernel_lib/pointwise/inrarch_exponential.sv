// exp: 2^n times a core of 2^r for r in [0, 1) (inrarch_polynomial, t to sum): 8 cycles and those of the core. The
// definition is ExponentialTable of inrarch/numeric/reductions.py. SCALED_BITS: of x log2(e) at SCALE_FRAC places.
// SHIFT: by which the core's result is shifted to the right where n = 0.
module inrarch_exponential #(
    parameter int                 BITS         = 2,
    parameter int                 OUT_BITS     = 2,
    parameter logic signed [31:0] LOWEST       = 0,
    parameter logic signed [31:0] HIGHEST      = 0,
    parameter int                 SPLIT        = 0,
    parameter logic [63:0]        HIGH         = 1,
    parameter logic [63:0]        LOW          = 0,
    parameter int                 HIGH_BITS    = 1,
    parameter int                 LOW_BITS     = 1,
    parameter int                 WIDE         = 27,  // signed bits of the multiplier blocks
    parameter int                 NARROW       = 18,
    parameter int                 SCALE_FRAC   = 2,
    parameter int                 SCALED_BITS  = 4,
    parameter int                 SHIFT        = 0,
    parameter int                 T_BITS       = 2,
    parameter int                 SUM_BITS     = 8,
    parameter int                 RESULT_SHIFT = 4,
    parameter int                 CORE_CYCLES  = 10
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [BITS-1:0]     x,
    output logic [T_BITS-1:0]          t,
    input  logic signed [SUM_BITS-1:0] sum,
    output logic signed [OUT_BITS-1:0] out
);
    localparam int RESULT_BITS   = SUM_BITS - RESULT_SHIFT;
    localparam int SHIFT_BITS    = $clog2(RESULT_BITS + 1);
    localparam int EXPONENT_BITS = SCALED_BITS - SCALE_FRAC;
    localparam logic signed [BITS-1:0] LEAST = LOWEST[BITS-1:0];
    localparam logic signed [BITS-1:0] MOST  = HIGHEST[BITS-1:0];

    logic signed [BITS-1:0]          limited;
    logic [SCALED_BITS-1:0]          scaled;
    logic signed [EXPONENT_BITS-1:0] exponent;
    logic signed [31:0]              wanted;
    logic [SHIFT_BITS-1:0]           shift, shift_kept;
    logic signed [RESULT_BITS:0]     result;
    logic signed [OUT_BITS-1:0]      clipped;

    // Clipped, times log2(e): 5 cycles.
    always_ff @(posedge clk) if (enable) limited <= x < LEAST ? LEAST : x > MOST ? MOST : x;
    inrarch_scaled #(
        .BITS(BITS), .SPLIT(SPLIT), .HIGH(HIGH), .LOW(LOW), .HIGH_BITS(HIGH_BITS), .LOW_BITS(LOW_BITS),
        .WIDE(WIDE), .NARROW(NARROW),
        .OUT_BITS(SCALED_BITS)
    ) exponents (
        .clk(clk), .enable(enable), .x(limited), .out(scaled)
    );

    // The fraction goes to the core, the exponent gives the shift.
    assign t        = scaled[SCALE_FRAC-1 -: T_BITS];
    assign exponent = scaled[SCALED_BITS-1:SCALE_FRAC];
    assign wanted   = SHIFT - 32'(exponent);
    always_ff @(posedge clk) begin
        if (enable) shift <= wanted < 0 ? '0 : wanted > RESULT_BITS ? SHIFT_BITS'(RESULT_BITS) : SHIFT_BITS'(wanted);
    end
    inrarch_delay #(.BITS(SHIFT_BITS), .CYCLES(CORE_CYCLES - 1)) keep_shift (
        .clk(clk), .enable(enable), .in(shift), .out(shift_kept)
    );

    // Shift and rounding, then saturation: 3 cycles.
    inrarch_shift_down #(.IN_BITS(RESULT_BITS)) down (
        .clk(clk), .enable(enable), .value(sum[SUM_BITS-1:RESULT_SHIFT]), .shift(shift_kept), .out(result)
    );
    inrarch_round #(.IN_BITS(RESULT_BITS + 1), .OUT_BITS(OUT_BITS)) clip (.in(result), .out(clipped));
    always_ff @(posedge clk) if (enable) out <= clipped;

    logic unused;
    assign unused = &{1'b0, scaled, sum[RESULT_SHIFT-1:0]};
endmodule
