// Powers -1, -1/2, 1/2 and log of 2^e (1 + r): one octave of r in a core (inrarch_polynomial, t to sum), then an added
// constant and a shift of e: 9 cycles and those of the core. The definition is NormalisedTable of
// inrarch/numeric/reductions.py. FILE: words {offset, shift} by the bits of the argument.
module inrarch_normalised #(
    parameter int                 BITS         = 2,
    parameter int                 OUT_BITS     = 2,
    parameter bit                 ODD          = 0,
    parameter bit                 HALVES       = 0,
    parameter logic signed [63:0] AT_ZERO      = 0,
    parameter int                 OFFSET_BITS  = 1,
    parameter int                 REST_BITS    = 2,
    parameter int                 T_BITS       = 2,
    parameter int                 SUM_BITS     = 8,
    parameter int                 RESULT_SHIFT = 4,
    parameter int                 CORE_CYCLES  = 10,
    parameter                     FILE         = "",
    parameter int                 STYLE        = 0     // of the memory of constants
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [BITS-1:0]     x,
    output logic [T_BITS-1:0]          t,
    input  logic signed [SUM_BITS-1:0] sum,
    output logic signed [OUT_BITS-1:0] out
);
    localparam int LENGTH_BITS   = $clog2(BITS + 1);
    localparam int PLACE_BITS    = $clog2(REST_BITS + 1);
    localparam int TOTAL_BITS    = (SUM_BITS > OFFSET_BITS ? SUM_BITS : OFFSET_BITS) + 1;
    localparam int MANTISSA_BITS = TOTAL_BITS - RESULT_SHIFT;
    localparam int SHIFT_BITS    = $clog2(MANTISSA_BITS + 1);
    localparam int ZERO_BITS     = OUT_BITS + 2;
    localparam int RESULT_BITS   = (MANTISSA_BITS + 1 > ZERO_BITS ? MANTISSA_BITS + 1 : ZERO_BITS) + 1;
    localparam logic signed [RESULT_BITS-1:0] ZERO = RESULT_BITS'($signed(AT_ZERO[ZERO_BITS-1:0]));

    logic [BITS-1:0]                   d, d_kept;
    logic [LENGTH_BITS-1:0]            length, length_kept;
    logic [PLACE_BITS-1:0]             places;
    logic [REST_BITS-1:0]              rest;
    logic [OFFSET_BITS+SHIFT_BITS-1:0] word;
    logic signed [OFFSET_BITS-1:0]     offset;
    logic signed [TOTAL_BITS-1:0]      total;
    logic [SHIFT_BITS-1:0]             shift;
    logic signed [MANTISSA_BITS:0]     shifted;
    logic signed [RESULT_BITS-1:0]     positive, result;
    logic signed [OUT_BITS-1:0]        clipped;
    logic                              zero, zero_kept, minus;

    // Magnitude: 1 cycle. Leading one: 2 cycles.
    always_ff @(posedge clk) if (enable) d <= !x[BITS-1] ? x : ODD ? -x : '0;
    inrarch_bit_length #(.BITS(BITS)) leading (.clk(clk), .enable(enable), .in(d), .out(length));
    inrarch_delay #(.BITS(BITS), .CYCLES(2)) keep_d (.clk(clk), .enable(enable), .in(d), .out(d_kept));

    // It is shifted out: 1 cycle.
    assign places = length == '0 ? PLACE_BITS'(REST_BITS) : PLACE_BITS'(REST_BITS + 1) - PLACE_BITS'(length);
    assign rest   = REST_BITS'(d_kept) << places;
    if (HALVES) begin : octaves
        always_ff @(posedge clk) if (enable) t <= {length[0], rest};
    end else begin : octave
        always_ff @(posedge clk) if (enable) t <= rest;
    end

    // Constants by the length arrive with the sum.
    inrarch_delay #(.BITS(LENGTH_BITS), .CYCLES(CORE_CYCLES)) keep_length (
        .clk(clk), .enable(enable), .in(length), .out(length_kept)
    );
    inrarch_rom #(.WORDS(BITS + 1), .BITS(OFFSET_BITS + SHIFT_BITS), .FILE(FILE), .STYLE(STYLE)) constants (
        .clk(clk), .enable(enable), .address(length_kept), .data(word)
    );
    assign offset = word[SHIFT_BITS +: OFFSET_BITS];

    // Constant added, then shift and rounding: 3 cycles.
    always_ff @(posedge clk) begin
        if (enable) begin
            total <= TOTAL_BITS'(sum) + TOTAL_BITS'(offset);
            shift <= word[SHIFT_BITS-1:0];
            zero  <= length_kept == '0;
        end
    end
    inrarch_shift_down #(.IN_BITS(MANTISSA_BITS)) down (
        .clk(clk), .enable(enable), .value(total[TOTAL_BITS-1:RESULT_SHIFT]), .shift(shift), .out(shifted)
    );

    // Zero, sign, then saturation: 2 cycles.
    inrarch_delay #(.BITS(1), .CYCLES(3)) keep_zero (.clk(clk), .enable(enable), .in(zero), .out(zero_kept));
    if (ODD) begin : odd
        inrarch_delay #(.BITS(1), .CYCLES(7 + CORE_CYCLES)) keep_sign (
            .clk(clk), .enable(enable), .in(x[BITS-1]), .out(minus)
        );
    end else begin : positive_argument
        assign minus = 1'b0;
    end
    assign positive = zero_kept ? ZERO : RESULT_BITS'(shifted);
    inrarch_round #(.IN_BITS(RESULT_BITS), .OUT_BITS(OUT_BITS)) clip (.in(result), .out(clipped));
    always_ff @(posedge clk) begin
        if (enable) begin
            result <= minus ? -positive : positive;
            out    <= clipped;
        end
    end

    logic unused;
    assign unused = &{1'b0, total[RESULT_SHIFT-1:0]};
endmodule
