// The core of every function table: segments of degree-2 polynomials on a reduced argument t. The definition is
// inrarch/numeric/polynomial.py. `sum` is the function at t with RESULT_SHIFT more binary places and half a last bit
// added. 10 cycles; 13 where there are several regions.
//
// FILE: words {c0, c1, c2} by segment. REGION_FILE: words {base, shift} by region. SHIFT: that of the only region.
module inrarch_polynomial #(
    parameter int REGIONS      = 1,
    parameter int REGION_BITS  = 0,
    parameter int REST_BITS    = 4,
    parameter int SHIFT        = 1,
    parameter int MAX_SHIFT    = SHIFT,
    parameter int DROP_BITS    = 0,
    parameter int SLOPE_SHIFT  = 1,
    parameter int RESULT_SHIFT = 4,
    parameter int SEGMENTS     = 2,
    parameter int C0_BITS      = 2,
    parameter int C1_BITS      = 2,
    parameter int C2_BITS      = 2,
    parameter int SUM_BITS     = 8,
    parameter int WIDE         = 27,  // signed bits of the multiplier blocks
    parameter int NARROW       = 18,
    parameter     FILE         = "",
    parameter int STYLE        = 0,   // of the memory of coefficients
    parameter     REGION_FILE  = "",
    parameter int REGION_STYLE = 0
) (
    input  logic                              clk,
    input  logic                              enable,
    input  logic [REGION_BITS+REST_BITS-1:0]  t,
    output logic signed [SUM_BITS-1:0]        sum
);
    localparam int GUARD_BITS     = 4;  // of c0, below the result's last bit
    localparam int OFFSET_BITS    = REST_BITS - DROP_BITS;
    localparam int ADDRESS_BITS   = SEGMENTS > 1 ? $clog2(SEGMENTS) : 1;
    localparam int CURVE_BITS     = C2_BITS + OFFSET_BITS;
    localparam int CHOSEN_BITS    = C1_BITS + SLOPE_SHIFT;
    localparam int TOTAL_BITS     = (CURVE_BITS > CHOSEN_BITS ? CURVE_BITS : CHOSEN_BITS) + 1;
    localparam int SLOPE_BITS     = TOTAL_BITS - SLOPE_SHIFT;
    localparam int CONSTANT_SHIFT = RESULT_SHIFT - GUARD_BITS;

    logic [ADDRESS_BITS-1:0] address;
    logic [REST_BITS-1:0]    place;  // inside of the segment

    if (REGIONS == 1) begin : uniform
        if (SHIFT == 0) begin : one
            assign address = '0;
            assign place   = t;
        end else begin : several
            assign address = t[REST_BITS-1 -: ADDRESS_BITS];
            assign place   = REST_BITS'({t, {SHIFT{1'b0}}});
        end
    end else begin : regions
        localparam int SHIFT_BITS = MAX_SHIFT > 0 ? $clog2(MAX_SHIFT + 1) : 1;
        logic [REGION_BITS-1:0]             region;
        logic [ADDRESS_BITS+SHIFT_BITS-1:0] word;
        logic [ADDRESS_BITS-1:0]            base;
        logic [REST_BITS-1:0]               rest;
        logic [REST_BITS+MAX_SHIFT-1:0]     shifted;
        logic [ADDRESS_BITS-1:0]            segment;

        assign region = t[REST_BITS +: REGION_BITS];
        if (MAX_SHIFT > 0) begin : cut
            assign segment = ADDRESS_BITS'(shifted[REST_BITS +: MAX_SHIFT]);
        end else begin : whole
            assign segment = '0;
        end

        inrarch_rom #(
            .WORDS(REGIONS), .BITS(ADDRESS_BITS + SHIFT_BITS), .FILE(REGION_FILE), .STYLE(REGION_STYLE)
        ) lookup (
            .clk(clk), .enable(enable), .address(region[$clog2(REGIONS)-1:0]), .data(word)
        );

        always_ff @(posedge clk) begin
            if (enable) begin
                rest    <= t[REST_BITS-1:0];
                base    <= word[SHIFT_BITS +: ADDRESS_BITS];
                shifted <= (REST_BITS + MAX_SHIFT)'(rest) << word[SHIFT_BITS-1:0];
                address <= base + segment;
                place   <= shifted[REST_BITS-1:0];
            end
        end
    end

    // The distance from the middle of the segment: its upper bit is inverted.
    logic [OFFSET_BITS-1:0]        offset;
    logic signed [OFFSET_BITS-1:0] first_distance, second_distance;
    assign offset = {!place[REST_BITS-1], place[REST_BITS-2:DROP_BITS]};

    inrarch_delay #(.BITS(OFFSET_BITS), .CYCLES(2)) to_curve (
        .clk(clk), .enable(enable), .in(offset), .out(first_distance)
    );
    inrarch_delay #(.BITS(OFFSET_BITS), .CYCLES(4)) to_slope (
        .clk(clk), .enable(enable), .in(first_distance), .out(second_distance)
    );

    // Memory, then a register: 2 cycles.
    localparam int WORD_BITS = C0_BITS + C1_BITS + C2_BITS;
    logic [WORD_BITS-1:0] read, coefficients;
    logic signed [C2_BITS-1:0] c2;
    logic [C1_BITS-1:0] c1;
    logic [C0_BITS-1:0] c0;

    inrarch_rom #(.WORDS(SEGMENTS), .BITS(WORD_BITS), .FILE(FILE), .STYLE(STYLE)) memory (
        .clk(clk), .enable(enable), .address(address), .data(read)
    );
    always_ff @(posedge clk) if (enable) coefficients <= read;

    assign c2 = coefficients[C2_BITS-1:0];
    inrarch_delay #(.BITS(C1_BITS), .CYCLES(3)) keep_c1 (
        .clk(clk), .enable(enable), .in(coefficients[C2_BITS +: C1_BITS]), .out(c1)
    );
    inrarch_delay #(.BITS(C0_BITS), .CYCLES(7)) keep_c0 (
        .clk(clk), .enable(enable), .in(coefficients[C1_BITS+C2_BITS +: C0_BITS]), .out(c0)
    );

    // slope = c1 + (c2 * distance + half) >> SLOPE_SHIFT: 4 cycles. The half stands below c1, so that one sum does both.
    logic signed [CURVE_BITS-1:0]  curve;
    logic signed [CHOSEN_BITS-1:0] chosen;
    logic signed [TOTAL_BITS-1:0]  total;
    logic signed [SLOPE_BITS-1:0]  slope;

    inrarch_product #(.A_BITS(C2_BITS), .B_BITS(OFFSET_BITS), .WIDE(WIDE), .NARROW(NARROW)) to_curve_product (
        .clk(clk), .enable(enable), .a(c2), .b(first_distance), .out(curve)
    );
    assign chosen = {c1, 1'b1, {(SLOPE_SHIFT - 1) {1'b0}}};
    assign total  = TOTAL_BITS'(chosen) + TOTAL_BITS'(curve);
    always_ff @(posedge clk) if (enable) slope <= total[TOTAL_BITS-1:SLOPE_SHIFT];

    // c0 + slope * distance: 4 cycles.
    logic signed [SLOPE_BITS+OFFSET_BITS-1:0] raised;
    logic signed [C0_BITS-1:0]                constant;
    assign constant = c0;

    inrarch_product #(.A_BITS(SLOPE_BITS), .B_BITS(OFFSET_BITS), .WIDE(WIDE), .NARROW(NARROW)) to_sum (
        .clk(clk), .enable(enable), .a(slope), .b(second_distance), .out(raised)
    );
    always_ff @(posedge clk) if (enable) sum <= SUM_BITS'(raised) + (SUM_BITS'(constant) <<< CONSTANT_SHIFT);

    logic unused;
    assign unused = &{1'b0, place, total[SLOPE_SHIFT-1:0], raised};
endmodule
