// Tokens of inrarch_sparse_matmul as slices of a row: a token is read with its first slice; a slice leaves two stages
// after its iteration, its word of `kept` with it.
module inrarch_sparse_matmul_slice #(
    parameter int STREAM_LANES = 1,
    parameter int FIELDS       = 1,
    parameter int COEFFICIENTS = 1,
    parameter int BITS         = 24,
    parameter int BANKS        = 1,  // numbers of a slice
    parameter int SLICES       = 1,  // of a row
    parameter logic [COEFFICIENTS*32-1:0] FIELD = '0,
    parameter int ADDRESS_BITS = SLICES > 1 ? $clog2(SLICES) : 1
) (
    input  logic                                clk,
    input  logic                                reset,
    input  logic                                advance,
    input  logic                                due,
    output logic                                read_due,
    input  logic [STREAM_LANES*FIELDS*BITS-1:0] token,
    output logic [ADDRESS_BITS-1:0]             kept_address,
    output logic [BANKS*COEFFICIENTS*BITS-1:0]  slice,
    output logic                                write,
    output logic                                write_half,
    output logic                                last_slice
);
    localparam int PARTS      = STREAM_LANES / BANKS;
    localparam int SLICE_BITS = BANKS * COEFFICIENTS * BITS;

    logic [STREAM_LANES*COEFFICIENTS*BITS-1:0] arriving, arrived;
    logic moved, last, half;

    for (genvar lane = 0; lane < STREAM_LANES; lane++) begin : lanes
        for (genvar number = 0; number < COEFFICIENTS; number++) begin : numbers
            localparam int PLACE = FIELD[number*32 +: 32];
            assign arriving[(lane*COEFFICIENTS + number)*BITS +: BITS] = token[(lane*FIELDS + PLACE)*BITS +: BITS];
        end
    end

    if (PARTS == 1) begin : whole
        assign read_due = due;
        always_ff @(posedge clk) if (advance) arrived <= arriving;
    end else begin : in_parts
        localparam int PART_BITS = $clog2(PARTS);
        logic [PART_BITS-1:0] part;
        assign read_due = due && part == '0;
        always_ff @(posedge clk) begin
            if (reset) part <= '0;
            else if (advance && due) part <= part == PART_BITS'(PARTS - 1) ? '0 : part + 1'b1;
            if (advance && due) arrived <= part == '0 ? arriving : arrived >> SLICE_BITS;
        end
    end

    assign last = kept_address == ADDRESS_BITS'(SLICES - 1);
    always_ff @(posedge clk) begin
        if (reset) begin
            moved        <= 1'b0;
            write        <= 1'b0;
            kept_address <= '0;
            half         <= 1'b0;
        end else if (advance) begin
            moved <= due;
            write <= moved;
            if (moved) begin
                kept_address <= last ? '0 : kept_address + 1'b1;
                half         <= half ^ last;
            end
        end
        if (advance) begin
            slice      <= arrived[SLICE_BITS-1:0];
            last_slice <= last;
            write_half <= half;
        end
    end

    // Fields that are no coefficient.
    logic unused;
    assign unused = &{1'b0, token};
endmodule
