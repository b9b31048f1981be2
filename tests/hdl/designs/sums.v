// Running sums of what ROMs of several widths hold, a row a clock: block RAMs whose data are registered, and adders.
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

    reg [35:0] wide [0:511];
    reg [17:0] half [0:1023];
    reg [8:0] byte [0:2047];
    initial begin
        $readmemh("wide.hex", wide);
        $readmemh("half.hex", half);
        $readmemh("byte.hex", byte);
    end

    // Block RAMs hold anything after power-up until they are read.
    reg [4:0] waited = 5'd0;
    wire run = waited[4];
    always @(posedge clk) if (ready && !run) waited <= waited + 5'd1;

    reg [10:0] row;
    reg [35:0] wide_read, wide_data;
    reg [17:0] half_read, half_data;
    reg [8:0] byte_read, byte_data;
    reg [39:0] sum;
    reg [15:0] shift;
    always @(posedge clk) begin
        if (!run) row <= 11'd0;
        else row <= uart_rx ? row + 11'd1 : {row[9:0], row[10] ^ row[8]};
        wide_read <= wide[row[8:0]];
        half_read <= half[row[9:0]];
        byte_read <= byte[row];
        wide_data <= wide_read;
        half_data <= half_read;
        byte_data <= byte_read;
        sum <= run ? sum + wide_data + half_data + byte_data : 40'd0;
        shift <= {shift[14:0], ^sum};
    end
    assign uart_tx = shift[15];
    assign marker = sum[39];
endmodule
