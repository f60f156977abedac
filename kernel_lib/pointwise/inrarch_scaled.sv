// x times a real constant, (x >> SPLIT) * HIGH + (x mod 2^SPLIT) * LOW, kept to OUT_BITS bits: 4 cycles. The definition
// is ScaledConstant of inrarch/numeric/reductions.py. SPLIT 0: x * HIGH. HIGH, LOW: unsigned.
module inrarch_scaled #(
    parameter int          BITS      = 2,
    parameter int          SPLIT     = 0,
    parameter logic [63:0] HIGH      = 1,
    parameter logic [63:0] LOW       = 0,
    parameter int          HIGH_BITS = 1,
    parameter int          LOW_BITS  = 1,
    parameter int          WIDE      = 27,  // signed bits of the multiplier blocks
    parameter int          NARROW    = 18,
    parameter int          OUT_BITS  = 2
) (
    input  logic                   clk,
    input  logic                   enable,
    input  logic signed [BITS-1:0] x,
    output logic [OUT_BITS-1:0]    out
);
    localparam int UPPER = BITS - SPLIT;

    logic signed [UPPER-1:0]           upper;
    logic signed [HIGH_BITS:0]         high;
    logic signed [UPPER+HIGH_BITS:0]   high_product;
    logic [OUT_BITS-1:0]               high_part, low_part;

    assign upper     = x[BITS-1:SPLIT];
    assign high      = {1'b0, HIGH[HIGH_BITS-1:0]};
    assign high_part = OUT_BITS'(high_product);

    inrarch_product #(.A_BITS(UPPER), .B_BITS(HIGH_BITS + 1), .WIDE(WIDE), .NARROW(NARROW)) times_high (
        .clk(clk), .enable(enable), .a(upper), .b(high), .out(high_product)
    );

    if (SPLIT > 0) begin : split
        logic signed [SPLIT:0]            lower;
        logic signed [LOW_BITS:0]         low;
        logic signed [SPLIT+LOW_BITS+1:0] low_product;

        assign lower    = {1'b0, x[SPLIT-1:0]};
        assign low      = {1'b0, LOW[LOW_BITS-1:0]};
        assign low_part = OUT_BITS'(low_product);

        logic unused;
        assign unused = &{1'b0, low_product};

        inrarch_product #(.A_BITS(SPLIT + 1), .B_BITS(LOW_BITS + 1), .WIDE(WIDE), .NARROW(NARROW)) times_low (
            .clk(clk), .enable(enable), .a(lower), .b(low), .out(low_product)
        );
    end else begin : whole
        assign low_part = '0;
    end

    always_ff @(posedge clk) if (enable) out <= high_part + low_part;

    logic unused;
    assign unused = &{1'b0, high_product};
endmodule
