// Functions of the distance from a base, in octaves, around a core (inrarch_polynomial, t to sum): 7 cycles and those of
// the core. The definition is FoldedTable of inrarch/numeric/reductions.py. WIDE_BITS hold every |x|, LOWEST, HIGHEST.
module inrarch_folded #(
    parameter int                 BITS          = 2,
    parameter int                 OUT_BITS      = 2,
    parameter int                 SYMMETRY      = 0,   // 1: even, -1: odd
    parameter bit                 FALLING       = 0,
    parameter int                 WIDE_BITS     = BITS + 1,
    parameter logic signed [63:0] LOWEST        = 0,
    parameter logic signed [63:0] HIGHEST       = 0,
    parameter logic signed [63:0] BASE          = 0,
    parameter int                 LINEAR_BITS   = 1,
    parameter int                 DISTANCE_BITS = 1,
    parameter int                 WHOLE_BITS    = 2,   // of the argument inside of an octave
    parameter int                 T_BITS        = 2,
    parameter int                 SUM_BITS      = 8,
    parameter int                 RESULT_SHIFT  = 4,
    parameter int                 CORE_CYCLES   = 10
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [BITS-1:0]     x,
    output logic [T_BITS-1:0]          t,
    input  logic signed [SUM_BITS-1:0] sum,
    output logic signed [OUT_BITS-1:0] out
);
    localparam int LENGTH_BITS = $clog2(DISTANCE_BITS + 1);
    localparam int PLACE_BITS  = $clog2(WHOLE_BITS + 1);
    localparam int ONE_BITS    = RESULT_SHIFT + 2;
    localparam int TOTAL_BITS  = (SUM_BITS > ONE_BITS ? SUM_BITS : ONE_BITS) + 1;
    localparam logic signed [WIDE_BITS-1:0] LEAST = LOWEST[WIDE_BITS-1:0];
    localparam logic signed [WIDE_BITS-1:0] MOST  = HIGHEST[WIDE_BITS-1:0];
    localparam logic signed [WIDE_BITS-1:0] FROM  = BASE[WIDE_BITS-1:0];
    localparam logic signed [WIDE_BITS-1:0] AT_LEAST = FALLING ? FROM - LEAST : LEAST - FROM;
    localparam logic signed [WIDE_BITS-1:0] AT_MOST  = FALLING ? FROM - MOST : MOST - FROM;

    logic signed [WIDE_BITS-1:0] wide, magnitude, distance;
    logic [DISTANCE_BITS-1:0]    d, d_kept;
    logic [LENGTH_BITS-1:0]      length;
    logic                        linear, mirrored;
    logic [LENGTH_BITS-1:0]      octave;
    logic [PLACE_BITS-1:0]       places;
    logic [WHOLE_BITS-1:0]       rest;

    // Magnitude, then distance: 2 cycles.
    assign wide     = WIDE_BITS'(x);
    assign distance = FALLING ? FROM - magnitude : magnitude - FROM;
    always_ff @(posedge clk) begin
        if (enable) begin
            magnitude <= SYMMETRY != 0 && x[BITS-1] ? -wide : wide;
            if (magnitude < LEAST) d <= AT_LEAST[DISTANCE_BITS-1:0];
            else if (magnitude > MOST) d <= AT_MOST[DISTANCE_BITS-1:0];
            else d <= distance[DISTANCE_BITS-1:0];
        end
    end

    // Leading one: 2 cycles.
    inrarch_bit_length #(.BITS(DISTANCE_BITS)) leading (.clk(clk), .enable(enable), .in(d), .out(length));
    inrarch_delay #(.BITS(DISTANCE_BITS), .CYCLES(2)) keep_d (.clk(clk), .enable(enable), .in(d), .out(d_kept));

    // It is shifted out; the linear octave has none: 1 cycle.
    assign linear = d_kept >> LINEAR_BITS == '0;
    assign octave = linear ? '0 : length - LENGTH_BITS'(LINEAR_BITS);
    assign places = linear ? PLACE_BITS'(WHOLE_BITS - LINEAR_BITS) : PLACE_BITS'(WHOLE_BITS + 1) - PLACE_BITS'(length);
    assign rest   = WHOLE_BITS'(d_kept) << places;
    always_ff @(posedge clk) if (enable) t <= T_BITS'({octave, rest});

    if (SYMMETRY < 0) begin : odd
        inrarch_delay #(.BITS(1), .CYCLES(5 + CORE_CYCLES)) keep_sign (
            .clk(clk), .enable(enable), .in(x[BITS-1]), .out(mirrored)
        );
    end else begin : unsigned_argument
        assign mirrored = 1'b0;
    end

    // Mirrored at 1/2, which is half of the last place that is added, then saturation: 2 cycles.
    logic signed [TOTAL_BITS-1:0] one, total;
    logic signed [OUT_BITS-1:0]   clipped;
    assign one = TOTAL_BITS'(1) <<< RESULT_SHIFT;
    inrarch_round #(.IN_BITS(TOTAL_BITS - RESULT_SHIFT), .OUT_BITS(OUT_BITS)) clip (
        .in(total[TOTAL_BITS-1:RESULT_SHIFT]), .out(clipped)
    );
    always_ff @(posedge clk) begin
        if (enable) begin
            total <= mirrored ? one - TOTAL_BITS'(sum) : TOTAL_BITS'(sum);
            out   <= clipped;
        end
    end

    logic unused;
    assign unused = &{1'b0, distance, total[RESULT_SHIFT-1:0]};
endmodule
