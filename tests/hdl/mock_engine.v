// mock_engine.v: stands in for spikec_engine. It keeps the input spikes that it is given, and every number that can be read
// from it follows from these: mock_network.c makes the same numbers behind the C device.
//
// It is as slow and as moody as an engine may be, and ends the simulation when it is used wrongly.
module mock_engine #(
    parameter STEPS = 16,
    parameter INPUTS = 16,
    parameter OUTPUTS = 8,
    parameter LAYERS = 2,
    parameter HEADS = 1,
    parameter [16*LAYERS-1:0] LAYER_SIZES = 0,
    parameter [2*LAYERS-1:0] LAYER_KINDS = 0,
    parameter [16*HEADS-1:0] HEAD_STARTS = 0,
    parameter [16*HEADS-1:0] HEAD_STOPS = 0
) (
    input             clk,
    input             rst,
    input             hold,        // do not finish
    input             clear,
    input             set,
    input      [15:0] set_step,
    input      [15:0] set_index,
    output            set_ready,
    input             start,
    input      [31:0] repeats,
    input             trace,
    output reg        running,
    output reg        trace_stop,
    output reg  [7:0] trace_layer,
    output reg [15:0] trace_step,
    input             trace_next,
    input             read,
    input       [3:0] read_what,
    input       [7:0] read_layer,
    input      [15:0] read_index,
    output reg        read_valid,
    output reg [31:0] read_data
);
    reg [INPUTS-1:0] spikes[0:STEPS-1];
    reg [31:0] signature[0:STEPS-1];
    reg [31:0] wait_clear, wait_run, wait_read;
    reg ready;

    integer s, l, i, n, best, best_count, count, steps_done;
    reg [63:0] sum;

    function [31:0] mix(input [31:0] value);
        reg [31:0] x;
        begin
            x = value * 32'h9E3779B1;
            x = (x ^ (x >> 15)) * 32'h85EBCA77;
            mix = x ^ (x >> 13);
        end
    endfunction

    // Number `which` of kind `what` of a layer, from the step's input.
    function [31:0] draw(input integer step, input integer layer, input integer what, input integer which);
        draw = mix(signature[step] ^ mix(((layer + 1) << 24) ^ (what << 20) ^ which));
    endfunction

    function [15:0] size_of(input integer layer);
        size_of = LAYER_SIZES[16*layer+:16];
    endfunction

    function [7:0] spike_byte(input integer step, input integer layer, input integer which);
        integer used;
        begin
            used = size_of(layer) - 8 * which;
            spike_byte = draw(step, layer, 0, which);
            if (used < 8) spike_byte = spike_byte & ~(8'hFF << used);
        end
    endfunction

    function [31:0] membrane(input integer step, input integer layer, input integer which);
        begin
            membrane = draw(step, layer, 1, which);
            if (LAYER_KINDS[2*layer+:2] == 2'd1) membrane = {{16{membrane[15]}}, membrane[15:0]};
        end
    endfunction

    function [31:0] ticks(input integer layer);
        integer step;
        begin
            ticks = 0;
            for (step = 0; step < STEPS; step = step + 1) ticks = ticks + (draw(step, layer, 3, 0) & 32'hFFFF);
        end
    endfunction

    function [63:0] operations(input integer layer);
        integer step;
        begin
            operations = 0;
            for (step = 0; step < STEPS; step = step + 1) operations = operations + {32'd0, draw(step, layer, 2, 0)};
        end
    endfunction

    function [15:0] spike_count(input integer step, input integer layer);
        integer byte_place, bit_place;
        reg [7:0] value;
        begin
            spike_count = 0;
            for (byte_place = 0; byte_place * 8 < size_of(layer); byte_place = byte_place + 1) begin
                value = spike_byte(step, layer, byte_place);
                for (bit_place = 0; bit_place < 8; bit_place = bit_place + 1) spike_count = spike_count + value[bit_place];
            end
        end
    endfunction

    task wrong(input [8*40-1:0] what);
        begin
            if (!rst) begin
                $display("MOCK ENGINE: %0s", what);
                $finish;
            end
        end
    endtask

    task answer_of(input integer head);
        begin
            best = 0;
            best_count = -1;
            for (n = HEAD_STARTS[16*head+:16]; n < HEAD_STOPS[16*head+:16]; n = n + 1) begin
                count = 0;
                for (s = 0; s < STEPS; s = s + 1) begin : look
                    reg [7:0] value;
                    value = spike_byte(s, LAYERS - 1, n / 8);
                    count = count + value[n%8];
                end
                if (count > best_count) begin
                    best_count = count;
                    best = n - HEAD_STARTS[16*head+:16];
                end
            end
            read_data <= best;
        end
    endtask

    task do_read;
        begin
            if (running && !trace_stop) wrong("read while it runs");
            read_data <= 32'hDEADBEEF;
            case (read_what)
                0: begin
                    sum = 0;
                    for (l = 0; l < LAYERS; l = l + 1) sum = sum + ticks(l);
                    read_data <= sum[31:0];
                end
                1: read_data <= ticks(read_layer);
                2: begin
                    sum = operations(read_layer);
                    read_data <= sum[31:0];
                end
                3: begin
                    sum = operations(read_layer);
                    read_data <= sum[63:32];
                end
                4: read_data <= {16'hFFFF, spike_count(read_index, read_layer)};
                5: read_data <= {24'hABCDEF, spike_byte(read_index / ((OUTPUTS + 7) / 8), LAYERS - 1, read_index % ((OUTPUTS + 7) / 8))};
                6: read_data <= membrane(running ? trace_step : STEPS - 1, read_layer, read_index);
                7: read_data <= {24'h123456, spike_byte(trace_step, trace_layer, read_index)};
                8: answer_of(read_index);
                default: wrong("unknown read");
            endcase
            if (read_what == 6 && running && read_layer != trace_layer) wrong("membrane of another layer");
            if (read_what == 6 && !running && read_layer != LAYERS - 1) wrong("membrane of a layer that is not the last");
            if (read_what == 7 && (!running || read_layer != trace_layer)) wrong("spikes of another layer");
            if (read_layer >= LAYERS) wrong("no such layer");
        end
    endtask

    assign set_ready = ready && wait_clear == 0 && !running;

    always @(posedge clk) begin
        read_valid <= 1'b0;
        ready <= $random;
        if (wait_clear != 0) wait_clear <= wait_clear - 1;
        if (clear) begin
            if (running) wrong("clear while it runs");
            for (s = 0; s < STEPS; s = s + 1) spikes[s] = 0;
            wait_clear <= {$random} % 300 + 1;
        end
        if (set && set_ready) begin
            if (set_step >= STEPS || set_index >= INPUTS) wrong("spike out of range");
            spikes[set_step][set_index] = 1'b1;
        end
        if (start) begin
            if (running || wait_clear != 0 || set) wrong("start too early");
            if (repeats != 0) wrong("repeats");
            running <= 1'b1;
            wait_run <= {$random} % 500;
            steps_done <= 0;
            trace_layer <= 0;
            trace_step <= 0;
            for (s = 0; s < STEPS; s = s + 1) begin
                signature[s] = s * 32'hC2B2AE35;
                for (i = 0; i < INPUTS; i = i + 1) if (spikes[s][i]) signature[s] = signature[s] + mix(i + 1);
            end
        end else if (running && !hold) begin
            if (wait_run != 0) wait_run <= wait_run - 1;
            else if (trace && trace_step < STEPS) begin
                trace_stop <= 1'b1;
                if (trace_stop && trace_next) begin
                    trace_stop <= 1'b0;
                    wait_run <= {$random} % 50;
                    trace_layer <= trace_layer == LAYERS - 1 ? 0 : trace_layer + 1;
                    if (trace_layer == LAYERS - 1) trace_step <= trace_step + 1;
                end
            end else running <= 1'b0;
        end
        if (trace_next && !trace_stop) wrong("trace_next without a stop");
        if (read) begin
            if (wait_read != 0) wrong("two reads at once");
            wait_read <= {$random} % 4 + 1;
            do_read;
        end else if (wait_read != 0) begin
            wait_read <= wait_read - 1;
            read_valid <= wait_read == 1;
        end
        if (rst) begin
            running <= 1'b0;
            trace_stop <= 1'b0;
            wait_clear <= 0;
            wait_read <= 0;
            wait_run <= 0;
        end
    end
endmodule
