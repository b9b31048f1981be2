// spikec_ones.v: how many ones a vector has, two cycles later: by groups of 16, then all.
`default_nettype none
module spikec_ones #(
    parameter WIDTH = 256,
    parameter COUNT = 9    // bits of the answer
) (
    input  wire             clk,
    input  wire [WIDTH-1:0] bits,
    output reg  [COUNT-1:0] total
);
    localparam GROUPS = (WIDTH + 15) / 16;

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

    reg [5*GROUPS-1:0] parts;
    reg [15:0]         sum; // no register
    integer g;
    always @* begin
        sum = 16'd0;
        for (g = 0; g < GROUPS; g = g + 1) sum = sum + {11'd0, parts[5*g +: 5]};
    end
    integer h;
    always @(posedge clk) begin
        for (h = 0; h < GROUPS; h = h + 1) parts[5*h +: 5] <= ones_of(padded[16*h +: 16]);
        total <= sum[COUNT-1:0];
    end
    wire unused = &{1'b0, sum};
endmodule
`default_nettype wire
