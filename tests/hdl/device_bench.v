// device_bench.v: spikec_device with the mock engine, on a line that is a file: pieces of bytes, each with its length in
// front of it (u32). Length 2^32 - 1: wait until the device has nothing left to do. What it answers goes to a file, a byte a
// line, and a line of its own for each such wait.
//
// Between two waits the engine finishes only when the device waits for it. So bytes of one piece find it running, as the C
// device looks at its network only when the line is silent. With `FREE` it finishes when it likes.
`include "device_config.vh"

module device_bench;
    reg clk = 0, rst = 1;
    always #5 clk = !clk;

    reg rx_valid = 0, tx_ready = 0;
    reg [7:0] rx_data;
    wire rx_ready, tx_valid, marker, busy;
    wire [7:0] tx_data;

    wire clear, set, set_ready, start, trace, running, trace_stop, trace_next, read, read_valid;
    wire [15:0] set_step, set_index, trace_step, read_index;
    wire [31:0] repeats, read_data;
    wire [7:0] trace_layer, read_layer;
    wire [3:0] read_what;
    reg draining = 0;

    spikec_device #(
        .STEPS(`STEPS), .INPUTS(`INPUTS), .OUTPUTS(`OUTPUTS), .LAYERS(`LAYERS), .HEADS(`HEADS), .EVENTS(`EVENTS),
        .WIDTH(`WIDTH), .HEIGHT(`HEIGHT), .COLUMNS(`COLUMNS), .CHANNELS(`CHANNELS), .POLARITY(`POLARITY),
        .START_US(`START_US), .BIN_US(`BIN_US), .DOWNSAMPLE(`DOWNSAMPLE), .LAYER_SIZES(`LAYER_SIZES),
        .LAYER_KINDS(`LAYER_KINDS), .TRACE(`TRACE), .MAX_PAYLOAD(`MAX_PAYLOAD), .RX_BYTES(`RX_BYTES),
        .GREETING_FILE("greeting.hex"), .GREETING_BYTES(`GREETING_BYTES)
    ) device (
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_data(rx_data), .rx_ready(rx_ready), .tx_valid(tx_valid),
        .tx_data(tx_data), .tx_ready(tx_ready), .marker(marker), .busy(busy), .clear(clear), .set(set),
        .set_step(set_step), .set_index(set_index), .set_ready(set_ready), .start(start), .repeats(repeats),
        .trace(trace), .running(running), .trace_stop(trace_stop), .trace_layer(trace_layer),
        .trace_step(trace_step), .trace_next(trace_next), .read(read), .read_what(read_what), .read_layer(read_layer),
        .read_index(read_index), .read_valid(read_valid), .read_data(read_data)
    );

    mock_engine #(
        .STEPS(`STEPS), .INPUTS(`INPUTS), .OUTPUTS(`OUTPUTS), .LAYERS(`LAYERS), .HEADS(`HEADS),
        .LAYER_SIZES(`LAYER_SIZES), .LAYER_KINDS(`LAYER_KINDS), .HEAD_STARTS(`HEAD_STARTS), .HEAD_STOPS(`HEAD_STOPS)
    ) engine (
        .clk(clk), .rst(rst), .hold(!(draining || device.pending || free)), .clear(clear), .set(set),
        .set_step(set_step), .set_index(set_index), .set_ready(set_ready), .start(start), .repeats(repeats),
        .trace(trace), .running(running), .trace_stop(trace_stop), .trace_layer(trace_layer),
        .trace_step(trace_step), .trace_next(trace_next), .read(read), .read_what(read_what), .read_layer(read_layer),
        .read_index(read_index), .read_valid(read_valid), .read_data(read_data)
    );

    integer in, out, value, length, i, quiet, gap, silence;
    reg [8*256-1:0] in_name, out_name;
    reg free = 0;

    // The line is sometimes slow, either way.
    always @(posedge clk) tx_ready <= gap == 0 || {$random} % gap == 0;

    reg held;
    reg [7:0] held_data;
    always @(posedge clk) begin
        if (held && !(tx_valid && tx_data === held_data)) begin
            $display("BENCH: a byte for the line was taken back");
            $finish;
        end
        held <= !rst && tx_valid && !tx_ready;
        held_data <= tx_data;
        if (tx_valid && tx_ready && !rst) $fwrite(out, "%02x\n", tx_data);
        if (marker === 1'bx || busy === 1'bx) if (!rst) $display("BENCH: unknown marker or busy");
    end

    // Whatever has to be done takes less time than that.
    always @(posedge clk) begin
        silence <= (rx_valid && rx_ready) || (tx_valid && tx_ready) || rst ? 0 : silence + 1;
        if (silence > 200000) begin
            $display("BENCH: stuck in state %0d, phase %0d", device.state, device.phase);
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
            while (gap != 0 && {$random} % gap != 0) @(posedge clk);
            rx_valid <= 1;
            rx_data <= data;
            @(posedge clk);
            while (!rx_ready) @(posedge clk);
            rx_valid <= 0;
        end
    endtask

    initial begin
        if (!$value$plusargs("in=%s", in_name)) $finish;
        if (!$value$plusargs("out=%s", out_name)) $finish;
        if (!$value$plusargs("gap=%d", gap)) gap = 0;
        if ($test$plusargs("free")) free = 1;
        in = $fopen(in_name, "rb");
        out = $fopen(out_name, "w");
        repeat (5) @(posedge clk);
        rst <= 0;
        repeat (5) @(posedge clk);
        length = word(in);
        while (!$feof(in)) begin
            if (length == -1) begin
                draining <= 1;
                quiet = 0;
                while (quiet < 4) begin
                    @(posedge clk);
                    quiet = busy ? 0 : quiet + 1;
                end
                draining <= 0;
                @(posedge clk);
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
