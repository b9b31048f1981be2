// spikec_scan.v: the priority encoder. Takes a vector and gives the places of its ones, one a cycle, the lowest first.
//
// It serves twice in a row: first over a map of which words hold any spike, so that empty words take no time, then over
// each of these words. A vector without ones gives one output without a hit, as its `last` must not get lost.
`default_nettype none
module spikec_scan #(
    parameter WIDTH = 32, // bits of a vector
    parameter INDEX = 5,  // bits of a place
    parameter TAG = 1     // bits that travel with the vector
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output wire             in_ready,
    input  wire [WIDTH-1:0] in_bits,
    input  wire [TAG-1:0]   in_tag,
    input  wire             in_last,  // the last vector of its pass
    output reg              out_valid,
    input  wire             out_ready,
    output reg              out_hit,
    output reg  [INDEX-1:0] out_index,
    output reg  [TAG-1:0]   out_tag,
    output reg              out_last  // the last output of its pass
);
    localparam [WIDTH-1:0] ONE = 1;

    // `rest` is `bits` without its lowest one: kept beside it, so that neither path is long.
    reg             valid;
    reg             last;
    reg [TAG-1:0]   tag;
    reg [WIDTH-1:0] bits;
    reg [WIDTH-1:0] rest;

    wire             single = rest == {WIDTH{1'b0}};
    wire             advance = !out_valid || out_ready;
    wire [WIDTH-1:0] lowest = bits ^ rest;
    assign in_ready = !valid || (advance && single);

    function [INDEX-1:0] place_of(input [WIDTH-1:0] one_hot);
        integer i;
        begin
            place_of = {INDEX{1'b0}};
            for (i = 0; i < WIDTH; i = i + 1)
                if (one_hot[i]) place_of = place_of | i[INDEX-1:0];
        end
    endfunction

    always @(posedge clk) begin
        if (in_ready) begin
            bits <= in_bits;
            rest <= in_bits & (in_bits - ONE);
            tag  <= in_tag;
            last <= in_last;
        end else if (advance) begin
            bits <= rest;
            rest <= rest & (rest - ONE);
        end
        if (advance) begin
            out_hit   <= lowest != {WIDTH{1'b0}};
            out_index <= place_of(lowest);
            out_tag   <= tag;
            out_last  <= last && single;
        end
        if (rst) begin
            valid     <= 1'b0;
            out_valid <= 1'b0;
        end else begin
            if (in_ready) valid <= in_valid;
            if (advance) out_valid <= valid;
        end
    end
endmodule
`default_nettype wire
