// spikec_divide.v: unsigned division, a bit a cycle. For places that are seldom asked for.
`default_nettype none
module spikec_divide #(
    parameter WIDTH = 16
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             start,     // pulse
    input  wire [WIDTH-1:0] dividend,
    input  wire [WIDTH-1:0] divisor,   // held until ready, not 0
    output wire             ready,     // level: quotient and remainder are right
    output reg  [WIDTH-1:0] quotient,
    output reg  [WIDTH-1:0] remainder
);
    localparam COUNT = $clog2(WIDTH + 1);
    reg  [COUNT-1:0] left;
    wire [WIDTH:0]   next = {remainder, quotient[WIDTH-1]};
    wire [WIDTH:0]   less = next - {1'b0, divisor};

    assign ready = left == {COUNT{1'b0}};

    always @(posedge clk) begin
        if (start) begin
            quotient  <= dividend;
            remainder <= {WIDTH{1'b0}};
        end else if (!ready) begin
            quotient  <= {quotient[WIDTH-2:0], !less[WIDTH]};
            remainder <= less[WIDTH] ? next[WIDTH-1:0] : less[WIDTH-1:0];
        end
        if (rst) left <= {COUNT{1'b0}};
        else if (start) left <= WIDTH[COUNT-1:0];
        else if (!ready) left <= left - 1'b1;
    end
endmodule
`default_nettype wire
