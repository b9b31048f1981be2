// spikec_report.v: what a RESULT and a TRACE hold, byte by byte, read from the engine (SPEC.md, "Result").
module spikec_report #(
    parameter STEPS = 16,
    parameter OUTPUTS = 12,
    parameter LAYERS = 3,
    parameter HEADS = 2
) (
    input             clk,
    input             rst,
    input             start,       // pulse
    input       [1:0] what,        // of these
    input       [7:0] trace_layer,
    input      [15:0] trace_last,  // the layer's last neuron
    input             trace_wide,  // its membranes have 32 bits
    output            valid,
    output      [7:0] data,
    output            last,
    input             ready,
    // the engine
    output reg        read,
    output      [3:0] read_what,
    output      [7:0] read_layer,
    output     [15:0] read_index,
    input             read_valid,
    input      [31:0] read_data
);
    localparam RESULT = 2'd0, SPIKES = 2'd1, MEMBRANES = 2'd2;
    localparam ROW = (OUTPUTS + 7) / 8;        // bytes of a step's output spikes
    localparam LAST_OUT = STEPS * ROW - 1;
    localparam LAST_STEP = STEPS - 1, LAST_OUTPUT = OUTPUTS - 1, LAST_LAYER = LAYERS - 1, LAST_HEAD = HEADS - 1;

    // The parts of both, each a row of numbers of equal width, for one layer or all.
    localparam TICKS = 4'd0, SIZES = 4'd1, WORK = 4'd2, COUNTS = 4'd3, OUT = 4'd4, LEVELS = 4'd5, ANSWERS = 4'd6,
               TRACE_SPIKES = 4'd7, TRACE_LEVELS = 4'd8;

    localparam IDLE = 2'd0, FETCH = 2'd1, SHIFT = 2'd2, ADVANCE = 2'd3;

    reg  [1:0] state;
    reg  [3:0] part;
    reg  [7:0] layer;
    reg [15:0] index;
    reg [31:0] word;
    reg  [1:0] more;          // bytes of it behind the first
    reg        at_end;        // it is the row's last
    reg        at_last_layer;

    reg [15:0] last_index;
    reg  [3:0] what_to_read;
    reg  [1:0] bytes;         // of a number, less one

    always @* begin
        last_index = 16'd0;
        what_to_read = 4'd0;
        bytes = 2'd3;
        case (part)
            SIZES: begin
                last_index = 16'd1;
                bytes = index[0] ? 2'd1 : 2'd3;
            end
            WORK: begin
                last_index = 16'd2;
                what_to_read = {2'd0, index[1:0]} + 4'd1;
            end
            COUNTS: begin
                last_index = LAST_STEP[15:0];
                what_to_read = 4'd4;
                bytes = 2'd1;
            end
            OUT: begin
                last_index = LAST_OUT[15:0];
                what_to_read = 4'd5;
                bytes = 2'd0;
            end
            LEVELS: begin
                last_index = LAST_OUTPUT[15:0];
                what_to_read = 4'd6;
            end
            ANSWERS: begin
                last_index = LAST_HEAD[15:0];
                what_to_read = 4'd8;
                bytes = 2'd1;
            end
            TRACE_SPIKES: begin
                last_index = {3'd0, trace_last[15:3]};
                what_to_read = 4'd7;
                bytes = 2'd0;
            end
            TRACE_LEVELS: begin
                last_index = trace_last;
                what_to_read = 4'd6;
                bytes = trace_wide ? 2'd3 : 2'd1;
            end
            default: ;  // TICKS
        endcase
    end

    wire of_layers = part == WORK || part == COUNTS;  // a row for each layer
    wire row_ends = at_end && (!of_layers || at_last_layer);

    assign read_what = what_to_read;
    assign read_layer = layer;
    assign read_index = index;
    assign valid = state == SHIFT;
    assign data = word[7:0];
    assign last = more == 2'd0 && at_end && (part == ANSWERS || part == TRACE_SPIKES || part == TRACE_LEVELS);

    always @(posedge clk) begin
        read <= 1'b0;
        at_end <= index == last_index;
        at_last_layer <= layer == LAST_LAYER[7:0];
        case (state)
            IDLE: begin
                part <= what == SPIKES ? TRACE_SPIKES : what == MEMBRANES ? TRACE_LEVELS : TICKS;
                layer <= what == RESULT ? 8'd0 : trace_layer;
                index <= 16'd0;
                if (start) begin
                    state <= FETCH;
                    read <= 1'b1;
                end
            end
            FETCH: begin
                more <= bytes;
                word <= read_data;
                if (part == SIZES) begin
                    word <= index[0] ? {16'd0, HEADS[7:0], LAYERS[7:0]} : {OUTPUTS[15:0], STEPS[15:0]};
                    if (!read) state <= SHIFT;
                end else if (read_valid) state <= SHIFT;
            end
            SHIFT: if (ready) begin
                word <= {8'd0, word[31:8]};
                more <= more - 2'd1;
                if (more == 2'd0) state <= last ? IDLE : ADVANCE;
            end
            ADVANCE: begin
                index <= at_end ? 16'd0 : index + 16'd1;
                if (at_end && of_layers) layer <= layer + 8'd1;
                if (row_ends) begin
                    part <= part + 4'd1;
                    layer <= part == OUT ? LAST_LAYER[7:0] : 8'd0;
                end
                read <= !(part == TICKS || (part == SIZES && !at_end));  // the sizes are known without the engine
                state <= FETCH;
            end
        endcase
        if (rst) begin
            state <= IDLE;
            read <= 1'b0;
        end
    end
endmodule
