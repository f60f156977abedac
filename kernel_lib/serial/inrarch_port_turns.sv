// Whose turn it is among ports that share a line: WORDS[p] words of port p in every row, port by port; ports with
// ONCE[p] have their words after the last row of an invocation. `next` goes on by one word.
module inrarch_port_turns #(
    parameter int PORTS = 1,
    parameter int ROWS  = 1,
    parameter logic [PORTS*32-1:0] WORDS = '0,
    parameter logic [PORTS-1:0] ONCE = '0
) (
    input  logic             clk,
    input  logic             reset,
    input  logic             next,
    output logic [PORTS-1:0] turn
);
    localparam int PORT_BITS = $clog2(PORTS + 1);

    logic [PORT_BITS-1:0] port;
    logic [31:0] word;
    logic [31:0] row;  // ROWS: the sums of the invocation
    logic takes_part, port_ends, ports_end, invocation_ends;
    logic [31:0] words;

    always_comb begin
        words = '0;
        takes_part = 1'b0;
        for (int p = 0; p < PORTS; p++) begin
            turn[p] = 1'b0;
            if (port == PORT_BITS'(p)) begin
                words = WORDS[32*p +: 32];
                takes_part = ONCE[p] == (row == 32'(ROWS));
                turn[p] = takes_part;
            end
        end
    end

    // A port that has no words in this row is passed over in a cycle.
    assign port_ends = !takes_part || (next && word == words - 1);
    assign ports_end = port == PORT_BITS'(PORTS - 1);
    assign invocation_ends = row == 32'((ONCE == '0) ? ROWS - 1 : ROWS);

    always_ff @(posedge clk) begin
        if (reset) begin
            port <= '0;
            word <= '0;
            row  <= '0;
        end else if (port_ends) begin
            word <= '0;
            port <= ports_end ? '0 : port + 1'b1;
            if (ports_end) row <= invocation_ends ? '0 : row + 1;
        end else if (next) begin
            word <= word + 1;
        end
    end
endmodule
