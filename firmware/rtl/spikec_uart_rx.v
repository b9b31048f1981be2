// spikec_uart_rx.v: a serial line's bytes: 8 data bits, no parity, 1 stop bit.
//
// Each bit is the majority of three samples, at two, three and four eighths of it: a little before its middle, because a
// start is seen a little late, and because a fast sender's next start must not be missed. A start that is not there any more
// in the middle of its bit was noise. A byte whose stop bit is low is dropped: frames have a checksum, which finds that.
module spikec_uart_rx #(
    parameter CLOCKS_256 = 26667  // clock cycles a bit, times 256; at least 8 cycles (2048)
) (
    input            clk,
    input            rst,
    input            line,    // the pin; high when nothing is sent
    output reg       valid,   // a byte is there; it waits here until `ready`, and those behind it are lost
    output reg [7:0] data,
    input            ready
);
    localparam EIGHTH = CLOCKS_256 / 8;             // of a bit, in 1/256 of a clock cycle
    localparam WIDTH = $clog2(EIGHTH + 256);
    localparam [WIDTH-1:0] RELOAD = EIGHTH[WIDTH-1:0] - 256;

    localparam IDLE = 2'd0, BITS = 2'd1, BROKEN = 2'd2;

    reg  [1:0]       pin;      // the line, brought to our clock
    reg  [1:0]       state;
    reg  [WIDTH-1:0] timer;    // time until the next eighth: whole cycles above, 1/256 of a cycle in the low 8 bits
    reg  [2:0]       eighth;   // how many of the bit have passed
    reg  [3:0]       place;    // 0: start, 1 to 8: data, 9: stop
    reg  [1:0]       earlier;   // the two samples before
    reg  [7:0]       bits;

    wire in = pin[1];
    wire tick = timer[WIDTH-1:8] == 0;
    wire majority = (in & earlier[0]) | (in & earlier[1]) | (earlier[0] & earlier[1]);
    wire decide = state == BITS && tick && eighth == 3'd3;  // the fourth eighth ends

    always @(posedge clk) begin
        pin <= {pin[0], line};
        // What is left of a cycle when a tick comes is carried into the next eighth, so no error adds up within a byte.
        timer <= state == IDLE ? RELOAD : tick ? {{(WIDTH - 8) {1'b0}}, timer[7:0]} + RELOAD : timer - 256;
        if (state == IDLE) eighth <= 3'd0;
        else if (tick) begin
            eighth <= eighth + 3'd1;
            earlier <= {earlier[0], in};
        end
        if (ready) valid <= 1'b0;

        case (state)
            IDLE: begin
                place <= 4'd0;
                if (!in) state <= BITS;
            end
            BITS: if (decide) begin
                place <= place + 4'd1;
                bits <= {majority, bits[7:1]};
                if (place == 4'd0 && majority) state <= IDLE;
                if (place == 4'd9) begin
                    state <= majority ? IDLE : BROKEN;
                    if (majority && (!valid || ready)) begin
                        valid <= 1'b1;
                        data <= bits;
                    end
                end
            end
            default: if (in) state <= IDLE;  // the line is held low: a start is an edge
        endcase

        if (rst) begin
            pin <= 2'b11;
            state <= IDLE;
            valid <= 1'b0;
        end
    end
endmodule
