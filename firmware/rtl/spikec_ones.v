// spikec_ones.v: how many ones a vector has, three cycles later: by groups of 16, by groups of 64, then all.
`default_nettype none
module spikec_ones #(
    parameter WIDTH = 256,
    parameter COUNT = 9    // bits of the answer
) (
    input  wire             clk,
    input  wire [WIDTH-1:0] bits,
    output reg  [COUNT-1:0] total
);
    localparam LARGE = (WIDTH + 63) / 64;
    localparam GROUPS = 4 * LARGE;

    reg [16*GROUPS-1:0] padded; // no register
    always @* begin
        padded = {16*GROUPS{1'b0}};
        padded[WIDTH-1:0] = bits;
    end

    function [4:0] ones_of(input [15:0] group);
        integer i;
        begin
            ones_of = 5'd0;
            for (i = 0; i < 16; i = i + 1) ones_of = ones_of + {4'd0, group[i]};
        end
    endfunction

    function [6:0] sum_of(input [19:0] four);
        sum_of = {2'd0, four[0 +: 5]} + {2'd0, four[5 +: 5]} + {2'd0, four[10 +: 5]} + {2'd0, four[15 +: 5]};
    endfunction

    reg [5*GROUPS-1:0] parts;
    reg [7*LARGE-1:0]  sums;
    reg [15:0]         sum; // no register
    integer g;
    always @* begin
        sum = 16'd0;
        for (g = 0; g < LARGE; g = g + 1) sum = sum + {9'd0, sums[7*g +: 7]};
    end
    integer h;
    always @(posedge clk) begin
        for (h = 0; h < GROUPS; h = h + 1) parts[5*h +: 5] <= ones_of(padded[16*h +: 16]);
        for (h = 0; h < LARGE; h = h + 1) sums[7*h +: 7] <= sum_of(parts[20*h +: 20]);
        total <= sum[COUNT-1:0];
    end
    wire unused = &{1'b0, sum};
endmodule
`default_nettype wire
