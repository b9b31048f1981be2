// device_bench.v: the device with its mock engine, on a line that is a file: pieces of bytes, each with its length in
// front of it (u32). Length 2^32 - 1: wait until the device has nothing left to do. What it answers goes to a file, a byte a
// line, and a line of its own for each such wait.
//
// Between two waits the engine finishes only when the device waits for it. So bytes of one piece find it running, as the C
// device looks at its network only when the line is silent. With `FREE` it finishes when it likes.
module device_bench;
    reg clk = 0, rst = 1;
    always #5 clk = !clk;

    reg rx_valid = 0, tx_ready = 0;
    reg [7:0] rx_data;
    wire rx_ready, tx_valid, marker, busy;
    wire [7:0] tx_data;

    reg draining = 0, free = 0;

    mocked_device dut (
        .clk(clk), .rst(rst), .hold(!draining && !free), .rx_valid(rx_valid), .rx_data(rx_data), .rx_ready(rx_ready),
        .tx_valid(tx_valid), .tx_data(tx_data), .tx_ready(tx_ready), .marker(marker), .busy(busy)
    );

    integer in, out, value, length, i, quiet, gap, silence;
    reg [8*256-1:0] in_name, out_name;

    // What goes in changes when the clock falls, so that no simulator has to say who is first. The line is sometimes slow.
    always @(negedge clk) tx_ready = gap == 0 || {$random} % gap == 0;

    reg held;
    reg [7:0] held_data;
    always @(posedge clk) begin
        if (!rst && held && !(tx_valid && tx_data === held_data)) begin
            $display("BENCH: a byte for the line was taken back");
            $finish;
        end
        held <= !rst && tx_valid && !tx_ready;
        held_data <= tx_data;
        if (tx_valid && tx_ready && !rst) $fwrite(out, "%02x\n", tx_data);
    end

    // Whatever has to be done takes less time than that.
    always @(posedge clk) begin
        silence <= (rx_valid && rx_ready) || (tx_valid && tx_ready) || rst ? 0 : silence + 1;
        if (!rst && silence > 200000) begin
            $display("BENCH: stuck in state %0d, phase %0d", dut.device.state, dut.device.phase);
            $finish;
        end
    end

    function [31:0] word(input integer file);
        begin
            word[7:0] = $fgetc(file);
            word[15:8] = $fgetc(file);
            word[23:16] = $fgetc(file);
            word[31:24] = $fgetc(file);
        end
    endfunction

    task send(input [7:0] data);
        begin
            while (gap != 0 && {$random} % gap != 0) @(negedge clk);
            rx_valid = 1;
            rx_data = data;
            while (!rx_ready) @(negedge clk);
            @(negedge clk) rx_valid = 0;
        end
    endtask

    initial begin
        if (!$value$plusargs("in=%s", in_name)) $finish;
        if (!$value$plusargs("out=%s", out_name)) $finish;
        if (!$value$plusargs("gap=%d", gap)) gap = 0;
        if ($test$plusargs("free")) free = 1;
        in = $fopen(in_name, "rb");
        out = $fopen(out_name, "w");
        repeat (5) @(negedge clk);
        rst = 0;
        repeat (5) @(negedge clk);
        length = word(in);
        while (!$feof(in)) begin
            if (length == -1) begin
                repeat (10) @(negedge clk);  // the last byte may have made a frame whole
                draining = 1;
                quiet = 0;
                while (quiet < 4) begin
                    @(negedge clk);
                    quiet = busy ? 0 : quiet + 1;
                end
                draining = 0;
                @(negedge clk);
                $fwrite(out, "--\n");
            end else
                for (i = 0; i < length; i = i + 1) begin
                    value = $fgetc(in);
                    send(value[7:0]);
                end
            length = word(in);
        end
        $fclose(out);
        $display("BENCH: done after %0d cycles", $time / 10);
        $finish;
    end
endmodule
