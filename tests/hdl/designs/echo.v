// A serial line's echo: what comes in goes out, a bit's quarter later. The smallest design with all pins of a board.
module spikec_top (
    input clk_pin,
    input uart_rx,
    output uart_tx,
    output marker
);
    wire clk, ready;
    spikec_clock clock (
        .clk_pin(clk_pin),
        .clk(clk),
        .ready(ready)
    );

    reg [2:0] sampled;
    reg [7:0] busy;
    always @(posedge clk) begin
        sampled <= {sampled[1:0], uart_rx};
        if (!ready) busy <= 8'd0;
        else if (!sampled[2]) busy <= 8'd255;
        else if (busy != 8'd0) busy <= busy - 8'd1;
    end
    assign uart_tx = sampled[2];
    assign marker = busy != 8'd0;
endmodule
