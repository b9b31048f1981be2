// bench.v: runs samples through an engine under Icarus, and writes down what came of them.
//
// Arguments: +in=FILE +out=FILE +trace=0/1 +repeats=N. The files hold what bench.cpp says, as decimal numbers in text. All is
// asked for by the engine's own questions, but for the trace. `layers.vh` knows the network: it is generated.
`default_nettype none
module bench;
    reg         clk = 0, rst = 1, clear = 0, set = 0, start = 0, trace_on = 0, trace_next = 0, read = 0;
    reg  [15:0] set_step = 0, set_index = 0, read_index = 0;
    reg         probe = 0;
    reg  [15:0] probe_turn = 0;
    reg  [31:0] repeats = 0;
    reg  [3:0]  read_what = 0;
    reg  [7:0]  read_layer = 0;
    wire        set_ready, running, trace_stop, read_valid;
    wire [7:0]  trace_layer;
    wire [15:0] trace_step;
    wire [31:0] read_data;
    always #5 clk = !clk;

    spikec_engine engine (
        .clk(clk), .rst(rst), .clear(clear), .set(set), .set_step(set_step), .set_index(set_index), .set_ready(set_ready),
        .start(start), .repeats(repeats), .trace_on(trace_on), .running(running), .trace_stop(trace_stop),
        .trace_layer(trace_layer), .trace_step(trace_step), .trace_next(trace_next), .read(read), .read_what(read_what),
        .read_layer(read_layer), .read_index(read_index), .read_valid(read_valid), .read_data(read_data),
        .probe(probe), .probe_turn(probe_turn)
    );

    integer samples, results, scanned, left, spikes, spike, waited;
    integer turn, lane, layer, step, index;
    reg [8*512-1:0] name;

    `include "layers.vh" // LAYERS, STEPS, HEADS; SIZES and TURNS of 16 bits a layer; task tell_turn

    task tick; begin @(posedge clk); #1; end endtask

    task ask(input integer about, input integer of_layer, input integer at);
        begin
            read = 1; read_what = about; read_layer = of_layer; read_index = at;
            tick;
            read = 0;
            while (!read_valid) tick;
            $fdisplay(results, "%0d", read_data);
            tick;
        end
    endtask

    // Spikes, then membranes, of each turn's lanes.
    task tell_stop;
        begin
            layer = trace_layer;
            $fdisplay(results, "%0d", layer);
            $fdisplay(results, "%0d", trace_step);
            probe = 1;
            for (turn = 0; turn < TURNS[16*layer +: 16]; turn = turn + 1) begin
                probe_turn = turn;
                tick; tick;
                tell_turn;
            end
            probe = 0;
            trace_next = 1; tick; trace_next = 0;
        end
    endtask

    initial begin
        scanned = $value$plusargs("in=%s", name);
        samples = $fopen(name, "r");
        scanned = $value$plusargs("out=%s", name);
        results = $fopen(name, "w");
        scanned = $value$plusargs("trace=%d", trace_on);
        scanned = $value$plusargs("repeats=%d", repeats);
        repeat (4) tick;
        rst = 0;
        scanned = $fscanf(samples, "%d", left);
        for (left = left; left > 0; left = left - 1) begin
            clear = 1; tick; clear = 0;
            scanned = $fscanf(samples, "%d", spikes);
            for (spikes = spikes; spikes > 0; spikes = spikes - 1) begin
                scanned = $fscanf(samples, "%d", spike);
                set = 1; set_step = spike[15:0]; set_index = spike[31:16];
                #1 while (!set_ready) tick;
                tick;
                set = 0;
            end
            start = 1; tick; start = 0;
            waited = 0;
            while (running) begin
                if (trace_stop) begin
                    tell_stop;
                    waited = 0;
                end else tick;
                waited = waited + 1;
                if (waited > 200000) begin
                    $display("bench: waited in vain for the end");
                    $finish;
                end
            end
            $fdisplay(results, "4294967295");
            ask(0, 0, 0);
            for (layer = 0; layer < LAYERS; layer = layer + 1) begin
                for (index = 1; index <= 3; index = index + 1) ask(index, layer, 0);
                for (step = 0; step < STEPS; step = step + 1) ask(4, layer, step);
            end
            for (index = 0; index < STEPS * ((SIZES[16*(LAYERS-1) +: 16] + 7) / 8); index = index + 1) ask(5, 0, index);
            for (index = 0; index < SIZES[16*(LAYERS-1) +: 16]; index = index + 1) ask(6, LAYERS - 1, index);
            for (index = 0; index < HEADS; index = index + 1) ask(8, 0, index);
        end
        $fclose(results);
        $finish;
    end
endmodule
`default_nettype wire
