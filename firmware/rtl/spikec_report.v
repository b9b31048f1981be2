// spikec_report.v: what a RESULT and a TRACE hold, byte by byte, read from the engine (SPEC.md, "Result").
module spikec_report #(
    parameter STEPS = 16,
    parameter OUTPUTS = 12,
    parameter LAYERS = 3,
    parameter HEADS = 2,
    parameter LAYER = 2,           // bits of a layer's number
    parameter INDEX = 9            // bits of a place in the longest row of numbers
) (
    input             clk,
    input             rst,
    input             start,       // pulse
    input       [1:0] what,        // of these
    input [LAYER-1:0] trace_layer,
    input [INDEX-1:0] trace_last,  // the layer's last neuron
    input             trace_wide,  // its membranes have 32 bits
    output            valid,
    output      [7:0] data,
    output reg        last,
    input             ready,
    // the engine
    output reg        read,
    output reg  [3:0] read_what,
    output      [7:0] read_layer,
    output     [15:0] read_index,
    input             read_valid,
    input      [31:0] read_data
);
    localparam RESULT = 2'd0, SPIKES = 2'd1, MEMBRANES = 2'd2;
    localparam ROW = (OUTPUTS + 7) / 8;        // bytes of a step's output spikes
    localparam LAST_OUT = STEPS * ROW - 1;
    localparam LAST_STEP = STEPS - 1, LAST_OUTPUT = OUTPUTS - 1, LAST_LAYER = LAYERS - 1, LAST_HEAD = HEADS - 1;

    // The parts of both, each a row of numbers of equal width; WORK and COUNTS a row for each layer.
    localparam TICKS = 4'd0, SIZES = 4'd1, WORK = 4'd2, COUNTS = 4'd3, OUT = 4'd4, LEVELS = 4'd5, ANSWERS = 4'd6,
               TRACE_SPIKES = 4'd7, TRACE_LEVELS = 4'd8;

    localparam IDLE = 2'd0, FETCH = 2'd1, SHIFT = 2'd2, ADVANCE = 2'd3;

    reg [1:0] state;
    reg [3:0] part;
    reg [LAYER-1:0] layer;
    reg [INDEX-1:0] index;
    reg [31:0] word;
    reg  [1:0] more;          // bytes of it behind the one that is next
    reg        row_ends;      // it is its row's last
    reg        part_ends;     // and its part's

    reg [INDEX-1:0] last_index;
    reg  [1:0] bytes;         // of a number, less one
    reg  [7:0] size;          // a byte of SIZES

    always @* begin
        last_index = 0;
        read_what = 4'd0;
        bytes = 2'd3;
        case (part)
            SIZES: begin
                last_index = 5;
                bytes = 2'd0;
            end
            WORK: begin
                last_index = 2;
                read_what = {2'd0, index[1:0]} + 4'd1;
            end
            COUNTS: begin
                last_index = LAST_STEP[INDEX-1:0];
                read_what = 4'd4;
                bytes = 2'd1;
            end
            OUT: begin
                last_index = LAST_OUT[INDEX-1:0];
                read_what = 4'd5;
                bytes = 2'd0;
            end
            LEVELS: begin
                last_index = LAST_OUTPUT[INDEX-1:0];
                read_what = 4'd6;
            end
            ANSWERS: begin
                last_index = LAST_HEAD[INDEX-1:0];
                read_what = 4'd8;
                bytes = 2'd1;
            end
            TRACE_SPIKES: begin
                last_index = {3'd0, trace_last[INDEX-1:3]};
                read_what = 4'd7;
                bytes = 2'd0;
            end
            TRACE_LEVELS: begin
                last_index = trace_last;
                read_what = 4'd6;
                bytes = trace_wide ? 2'd3 : 2'd1;
            end
            default: ;  // TICKS
        endcase
        case (index[2:0])
            3'd0: size = STEPS[7:0];
            3'd1: size = STEPS[15:8];
            3'd2: size = OUTPUTS[7:0];
            3'd3: size = OUTPUTS[15:8];
            3'd4: size = LAYERS[7:0];
            default: size = HEADS[7:0];
        endcase
    end

    wire in_layers = part == WORK || part == COUNTS;
    wire closes = part == ANSWERS || part == TRACE_SPIKES || part == TRACE_LEVELS;
    wire message_ends = closes && row_ends;

    assign read_layer = {{(8 - LAYER) {1'b0}}, layer};
    assign read_index = {{(16 - INDEX) {1'b0}}, index};
    assign valid = state == SHIFT;
    assign data = word[7:0];

    always @(posedge clk) begin
        read <= 1'b0;
        row_ends <= index == last_index;
        part_ends <= index == last_index && (!in_layers || layer == LAST_LAYER[LAYER-1:0]);
        case (state)
            IDLE: begin
                part <= what == SPIKES ? TRACE_SPIKES : what == MEMBRANES ? TRACE_LEVELS : TICKS;
                layer <= what == RESULT ? 0 : trace_layer;
                index <= 0;
                if (start) begin
                    state <= FETCH;
                    read <= 1'b1;
                end
            end
            FETCH: begin
                more <= bytes;
                last <= bytes == 2'd0 && message_ends;
                word <= read_data;
                if (part == SIZES) word[7:0] <= size;
                if (!read && (part == SIZES || read_valid)) state <= SHIFT;
            end
            SHIFT: if (ready) begin
                word <= {8'd0, word[31:8]};
                more <= more - 2'd1;
                last <= more == 2'd1 && message_ends;
                if (more == 2'd0) state <= last ? IDLE : ADVANCE;
            end
            ADVANCE: begin
                index <= row_ends ? 0 : index + 1;
                if (row_ends) layer <= part == OUT ? LAST_LAYER[LAYER-1:0] : part_ends ? 0 : layer + 1;
                if (part_ends) part <= part + 4'd1;
                read <= !(part == TICKS || (part == SIZES && !row_ends));  // the sizes are known without the engine
                state <= FETCH;
            end
        endcase
        if (rst) begin
            state <= IDLE;
            read <= 1'b0;
        end
    end
endmodule
