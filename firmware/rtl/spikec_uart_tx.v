// spikec_uart_tx.v: bytes to a serial line: 8 data bits, no parity, 1 stop bit.
module spikec_uart_tx #(
    parameter CLOCKS_256 = 26667  // clock cycles a bit, times 256; at least 8 cycles (2048)
) (
    input       clk,
    input       rst,
    output      line,   // the pin; high when nothing is sent
    input       valid,
    input [7:0] data,
    output      ready
);
    localparam WIDTH = $clog2(CLOCKS_256 + 256);
    localparam [WIDTH-1:0] RELOAD = CLOCKS_256[WIDTH-1:0] - 256;

    reg [WIDTH-1:0] timer;  // time until the next bit: whole cycles above, 1/256 of a cycle in the low 8 bits
    reg [8:0]       bits;   // what is on the line, and the data bits behind it; ones follow
    reg [3:0]       left;   // bits that are still to begin, and the one on the line

    wire tick = timer[WIDTH-1:8] == 0;

    assign line = bits[0];
    assign ready = left == 4'd0;

    always @(posedge clk) begin
        if (ready) begin
            timer <= RELOAD;
            if (valid) begin
                bits <= {data, 1'b0};
                left <= 4'd10;
            end
        end else begin
            timer <= tick ? {{(WIDTH - 8) {1'b0}}, timer[7:0]} + RELOAD : timer - 256;
            if (tick) begin
                bits <= {1'b1, bits[8:1]};
                left <= left - 4'd1;
            end
        end
        if (rst) begin
            bits <= 9'h1FF;
            left <= 4'd0;
        end
    end
endmodule
