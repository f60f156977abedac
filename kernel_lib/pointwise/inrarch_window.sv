// sigmoid and softplus: an argument clipped to a window around 0, around a core (inrarch_polynomial, t to sum): 3 cycles
// and those of the core. The definition is WindowTable of inrarch/numeric/reductions.py.
//
// DROP: places by which the argument is shifted to the right. LINEAR: of softplus, whose core is the distance from
// max(x, 0), which is limited to LINEAR_MAX and shifted by LINEAR_SHIFT to the left.
module inrarch_window #(
    parameter int          BITS             = 2,
    parameter int          OUT_BITS         = 2,
    parameter int          HALF_WINDOW_BITS = 1,
    parameter int          DROP             = 0,
    parameter bit          LINEAR           = 0,
    parameter logic [31:0] LINEAR_MAX       = 0,
    parameter int          LINEAR_SHIFT     = 0,
    parameter int          T_BITS           = 2,
    parameter int          SUM_BITS         = 8,
    parameter int          RESULT_SHIFT     = 4,
    parameter int          CORE_CYCLES      = 10
) (
    input  logic                       clk,
    input  logic                       enable,
    input  logic signed [BITS-1:0]     x,
    output logic [T_BITS-1:0]          t,
    input  logic signed [SUM_BITS-1:0] sum,
    output logic signed [OUT_BITS-1:0] out
);
    localparam int WINDOW_BITS = HALF_WINDOW_BITS + 1;
    localparam int LEFT        = LINEAR_SHIFT > 0 ? LINEAR_SHIFT : 0;
    localparam int RIGHT       = LINEAR_SHIFT < 0 ? -LINEAR_SHIFT : 0;
    localparam int LINEAR_BITS = BITS + LEFT;
    localparam int TOTAL_BITS  = LINEAR ? (SUM_BITS > LINEAR_BITS ? SUM_BITS : LINEAR_BITS) + 1 : SUM_BITS;
    localparam int RESULT_BITS = TOTAL_BITS - RESULT_SHIFT;

    logic signed [WINDOW_BITS-1:0] window;
    logic [WINDOW_BITS-1:0]        raised;
    logic signed [TOTAL_BITS-1:0]  added, total;
    logic signed [OUT_BITS-1:0]    clipped;

    // The window begins at 0: its upper bit is inverted. 1 cycle.
    inrarch_round #(.IN_BITS(BITS), .OUT_BITS(WINDOW_BITS)) clip_x (.in(x), .out(window));
    assign raised = {!window[WINDOW_BITS-1], window[WINDOW_BITS-2:0]};
    if (DROP >= 0) begin : right
        always_ff @(posedge clk) if (enable) t <= raised[WINDOW_BITS-1:DROP];
    end else begin : left
        always_ff @(posedge clk) if (enable) t <= {raised, {-DROP{1'b0}}};
    end

    if (LINEAR) begin : linear
        localparam logic [BITS-1:0] MOST = LINEAR_MAX[BITS-1:0];
        logic [BITS-1:0] positive, kept;
        always_ff @(posedge clk) if (enable) positive <= x[BITS-1] ? '0 : $unsigned(x) > MOST ? MOST : $unsigned(x);
        inrarch_delay #(.BITS(BITS), .CYCLES(CORE_CYCLES)) keep_linear (
            .clk(clk), .enable(enable), .in(positive), .out(kept)
        );
        assign added = (TOTAL_BITS'(kept) << LEFT) >> RIGHT;
    end else begin : constant
        assign added = '0;
    end

    // Linear part, then saturation: 2 cycles.
    inrarch_round #(.IN_BITS(RESULT_BITS), .OUT_BITS(OUT_BITS)) clip (
        .in(total[TOTAL_BITS-1:RESULT_SHIFT]), .out(clipped)
    );
    always_ff @(posedge clk) begin
        if (enable) begin
            total <= TOTAL_BITS'(sum) + added;
            out   <= clipped;
        end
    end

    logic unused;
    assign unused = &{1'b0, raised, total[RESULT_SHIFT-1:0]};
endmodule
