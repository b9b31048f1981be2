// uart_bench.v: the device with its mock engine behind the pins of a UART.
module uart_bench #(
    parameter CLOCKS_256 = 2150
) (
    input  clk,
    input  rst,
    input  rx,
    output tx,
    output marker,
    output busy
);
    wire rx_valid, rx_ready, tx_valid, tx_ready;
    wire [7:0] rx_data, tx_data;

    spikec_uart_rx #(
        .CLOCKS_256(CLOCKS_256)
    ) receiver (
        .clk(clk), .rst(rst), .line(rx), .valid(rx_valid), .data(rx_data), .ready(rx_ready)
    );

    mocked_device dut (
        .clk(clk), .rst(rst), .hold(1'b0), .rx_valid(rx_valid), .rx_data(rx_data), .rx_ready(rx_ready),
        .tx_valid(tx_valid), .tx_data(tx_data), .tx_ready(tx_ready), .marker(marker), .busy(busy)
    );

    spikec_uart_tx #(
        .CLOCKS_256(CLOCKS_256)
    ) sender (
        .clk(clk), .rst(rst), .line(tx), .valid(tx_valid), .data(tx_data), .ready(tx_ready)
    );
endmodule
