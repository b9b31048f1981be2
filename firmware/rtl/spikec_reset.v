// spikec_reset.v: a reset that begins with power and ends a while after the clock is sound.
//
// FPGAs start with every register at its initial value, so no pin is needed. `locked` comes from a PLL (tie it to 1 without
// one) and may change at any time: two registers bring it to the clock.
module spikec_reset (
    input      clk,
    input      locked,
    output reg rst
);
    reg [1:0] sound;
    reg [4:0] count;

    initial begin
        sound = 2'b00;
        count = 5'd0;
        rst = 1'b1;
    end

    always @(posedge clk) begin
        sound <= {sound[0], locked};
        if (!sound[1]) count <= 5'd0;
        else if (rst) count <= count + 5'd1;
        rst <= !sound[1] || (rst && count != 5'd31);
    end
endmodule
