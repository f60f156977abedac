// WORDS words of COUNT sums, to one of which numbers are added in a stage. Where the place comes in stage 0, the numbers
// come in stage 2, and in stage 3 the word stands at the output with them in it.
//
// Up to 4 words are registers. More are a memory, which takes 4 stages from a place to the word written back, so a place
// does not come again earlier than after 5 stages.
module inrarch_running_sums #(
    parameter int WORDS    = 1,
    parameter int COUNT    = 1,
    parameter int IN_BITS  = 1,
    parameter int SUM_BITS = 1,
    parameter int STYLE    = 0,  // of the memory
    parameter int PLACE_BITS = WORDS > 1 ? $clog2(WORDS) : 1
) (
    input  logic                      clk,
    input  logic                      advance,
    input  logic [PLACE_BITS-1:0]     place,
    input  logic                      adds,   // in stage 2: numbers are added, else the word stays as it is
    input  logic                      first,  // in stage 2: to 0
    input  logic [COUNT*IN_BITS-1:0]  in,     // in stage 2
    output logic [COUNT*SUM_BITS-1:0] sums    // in stage 3
);
    logic [PLACE_BITS-1:0] place_2;
    logic [COUNT*SUM_BITS-1:0] previous, total;

    inrarch_delay #(.BITS(PLACE_BITS), .CYCLES(2)) place_delay (.clk, .enable(advance), .in(place), .out(place_2));

    for (genvar n = 0; n < COUNT; n++) begin : numbers
        logic signed [SUM_BITS-1:0] base, added;
        assign base  = first ? '0 : previous[n*SUM_BITS +: SUM_BITS];
        assign added = adds ? SUM_BITS'($signed(in[n*IN_BITS +: IN_BITS])) : '0;
        assign total[n*SUM_BITS +: SUM_BITS] = base + added;
    end

    if (WORDS == 1) begin : one
        always_ff @(posedge clk) if (advance) sums <= total;
        assign previous = sums;
        logic unused;
        assign unused = &{1'b0, place_2};
    end else if (WORDS <= 4) begin : registers
        (* ram_style = "registers" *) logic [COUNT*SUM_BITS-1:0] kept[WORDS];
        assign previous = kept[place_2];
        always_ff @(posedge clk) begin
            if (advance) begin
                if (adds) kept[place_2] <= total;
                sums <= total;
            end
        end
    end else begin : memory
        logic [PLACE_BITS-1:0] place_3;
        logic [COUNT*SUM_BITS-1:0] word;
        logic added;
        inrarch_buffer #(.WORDS(WORDS), .BITS(COUNT * SUM_BITS), .STYLE(STYLE)) kept (
            .clk, .enable(advance), .write(added), .write_place(place_3), .in(sums), .read_place(place), .data(word)
        );
        always_ff @(posedge clk) begin
            if (advance) begin
                previous  <= word;
                sums    <= total;
                place_3 <= place_2;
                added   <= adds;
            end
        end
    end
endmodule
