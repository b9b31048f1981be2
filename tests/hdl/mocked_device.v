// mocked_device.v: spikec_device with the mock engine, of the shape that device_config.vh tells.
`include "device_config.vh"

module mocked_device (
    input        clk,
    input        rst,
    input        hold,     // the engine does not finish, unless the device waits for it
    input        rx_valid,
    input  [7:0] rx_data,
    output       rx_ready,
    output       tx_valid,
    output [7:0] tx_data,
    input        tx_ready,
    output       marker,
    output       busy
);
    wire clear, set, set_ready, start, trace, running, trace_stop, trace_next, read, read_valid;
    wire [15:0] set_step, set_index, trace_step, read_index;
    wire [31:0] repeats, read_data;
    wire [7:0] trace_layer, read_layer;
    wire [3:0] read_what;

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
        .clk(clk), .rst(rst), .hold(hold && !device.pending), .clear(clear), .set(set),
        .set_step(set_step), .set_index(set_index), .set_ready(set_ready), .start(start), .repeats(repeats),
        .trace(trace), .running(running), .trace_stop(trace_stop), .trace_layer(trace_layer),
        .trace_step(trace_step), .trace_next(trace_next), .read(read), .read_what(read_what), .read_layer(read_layer),
        .read_index(read_index), .read_valid(read_valid), .read_data(read_data)
    );

    always @(negedge clk) if (!rst && (marker === 1'bx || busy === 1'bx)) begin
        $display("MOCK ENGINE: unknown marker or busy");
        $finish;
    end
endmodule
