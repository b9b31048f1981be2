// sim_echo.v: what stands in for a network when the simulated board itself is tested: it sends every byte back, changed by
// what it reads from a file. Behind a byte of 0xEE it works for a while before it answers.
module spikec_sim_top (
    input  wire       clk,
    input  wire       rst,
    input  wire       bypass,
    input  wire       rx_valid,
    input  wire [7:0] rx_data,
    output wire       rx_ready,
    output wire       tx_valid,
    output wire [7:0] tx_data,
    input  wire       tx_ready,
    input  wire       uart_rx,
    output wire       uart_tx,
    output wire       marker,
    output wire       busy
);
    localparam [19:0] WORK = 20'd1000000;

    reg  [7:0] key [0:3];
    initial $readmemh("key.hex", key);

    wire       line_valid, line_ready;
    wire [7:0] line_data;
    reg        full;
    reg  [7:0] data;
    reg  [1:0] count;
    reg [19:0] work;

    spikec_uart_rx #(.CLOCKS_256(6400)) receive (
        .clk(clk), .rst(rst), .line(uart_rx), .valid(line_valid), .data(line_data), .ready(take)
    );
    spikec_uart_tx #(.CLOCKS_256(6400)) transmit (
        .clk(clk), .rst(rst), .line(uart_tx), .valid(ready && !bypass), .data(tx_data), .ready(line_ready)
    );

    wire       take = !full;
    wire       comes = bypass ? rx_valid : line_valid;
    wire [7:0] byte_in = bypass ? rx_data : line_data;
    wire       ready = full && work == 20'd0;

    assign rx_ready = take && bypass;
    assign tx_valid = ready && bypass;
    assign tx_data = data ^ key[count];
    assign marker = 1'b0;
    assign busy = full;

    always @(posedge clk) begin
        if (work != 20'd0) work <= work - 20'd1;
        if (take && comes) begin
            full <= 1'b1;
            data <= byte_in;
            work <= byte_in == 8'hEE ? WORK : 20'd0;
        end else if (ready && (bypass ? tx_ready : line_ready)) begin
            full <= 1'b0;
            count <= count + 2'd1;
        end
        if (rst) begin
            full <= 1'b0;
            count <= 2'd0;
            work <= 20'd0;
        end
    end
endmodule
