// spikec_device.v: a network that answers on a serial line, as firmware/protocol/SPEC.md says: between the line's bytes and
// the engine.
//
// One frame is in work at a time, as in the C device (firmware/protocol/spikec_device.c, spikec_sample.c), and every frame
// gets the answers that it gets there. What differs: the engine runs when all of a sample's input is there, so a trace
// begins behind SAMPLE_END.
`include "spikec_protocol.vh"

module spikec_device #(
    parameter STEPS = 16,
    parameter INPUTS = 1156,
    parameter OUTPUTS = 12,
    parameter LAYERS = 3,
    parameter HEADS = 2,
    parameter EVENTS = 1,          // 0: the network takes frames only, and the next eight mean nothing
    parameter WIDTH = 34,          // of the sensor, in pixels
    parameter HEIGHT = 34,
    parameter COLUMNS = 34,        // of the input, after downsampling
    parameter CHANNELS = 1,        // 2: of each pixel, first OFF, then ON
    parameter POLARITY = 0,        // 0 on, 1 off, 2 both, 3 merged
    parameter START_US = 0,
    parameter BIN_US = 6250,
    parameter DOWNSAMPLE = 1,
    parameter [16*LAYERS-1:0] LAYER_SIZES = {16'd12, 16'd256, 16'd256},  // neurons, layer 0 lowest
    parameter [2*LAYERS-1:0] LAYER_KINDS = {2'd1, 2'd1, 2'd1},           // membranes: 0 none, 1 of 16 bits, 2 of 32
    parameter TRACE = 1,           // 0: built without the trace; its flag is unknown then
    parameter MAX_PAYLOAD = 1024,
    parameter RX_BYTES = 4096,     // memory for frames: a power of two; RX_BYTES - MAX_PAYLOAD - 16 of them can be promised
                                   // to the host, because the frame in work keeps its place
    parameter GREETING_FILE = "greeting.hex",  // the greeting's payload behind the nonce, a byte a line
    parameter GREETING_BYTES = 128
) (
    input             clk,
    input             rst,
    // the line
    input             rx_valid,
    input       [7:0] rx_data,
    output            rx_ready,
    output            tx_valid,
    output      [7:0] tx_data,
    input             tx_ready,
    output reg        marker,     // high while the engine runs, for a power meter
    output reg        busy,       // low: nothing will happen until a byte comes
    // the engine
    output reg        clear,
    output            set,
    output     [15:0] set_step,
    output     [15:0] set_index,
    input             set_ready,
    output reg        start,
    output     [31:0] repeats,
    output reg        trace,
    input             running,
    input             trace_stop,
    input       [7:0] trace_layer,
    input      [15:0] trace_step,
    output reg        trace_next,
    output            read,
    output      [3:0] read_what,
    output      [7:0] read_layer,
    output     [15:0] read_index,
    input             read_valid,
    input      [31:0] read_data
);
    // ---- frames that have come --------------------------------------------------------------------------------------
    localparam LEFT = MAX_PAYLOAD > 511 ? $clog2(MAX_PAYLOAD + 1) : 9;  // bits of a payload's length

    wire       waiting;
    wire [7:0] head;
    wire       take;

    spikec_receiver #(
        .MAX_PAYLOAD(MAX_PAYLOAD), .RX_BYTES(RX_BYTES)
    ) receiver (
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_data(rx_data), .rx_ready(rx_ready),
        .waiting(waiting), .head(head), .take(take)
    );

    // ---- where the sample in work stands, and the link --------------------------------------------------------------
    localparam FREE = 2'd0, OPEN = 2'd1, CLOSED = 2'd2, REFUSED = 2'd3;  // as in enum spikec_phase
    localparam ACK = 3'd0, ERROR = 3'd1, LOST = 3'd2, GREETING = 3'd3, RESULT = 3'd4, SPIKES = 3'd5, LEVELS = 3'd6;
    localparam [7:0] KNOWN_FLAGS = TRACE != 0 ? `SPIKEC_FLAG_TRACE : 8'd0;

    localparam IDLE = 5'd0, LENGTH_LOW = 5'd1, LENGTH_HIGH = 5'd2, VERSION = 5'd3, TYPE = 5'd4, NUMBER_LOW = 5'd5,
               NUMBER_HIGH = 5'd6, DECIDE = 5'd7, NONCE = 5'd8, TURN = 5'd9, OPENING = 5'd10, ID = 5'd11, FORMAT = 5'd12,
               FLAGS = 5'd13, INPUT = 5'd14, FINISH = 5'd15, STARTED = 5'd16, SKIP = 5'd17, SENDING = 5'd18,
               TRACED = 5'd19, STEP_ON = 5'd20, STEPPED = 5'd21;

    reg  [4:0] state, after;      // `after` follows when what is being sent is through
    reg  [1:0] phase;
    reg        pending;           // a SAMPLE_BEGIN waits for the sample before
    reg        greeted;
    reg        its_turn;          // the frame's number is the expected one
    reg        foreign;           // the frame is of another version
    reg  [7:0] kind;
    reg [15:0] expected;          // number of the next data frame
    reg [LEFT-1:0] left;          // bytes of the payload that are still to be taken
    reg [31:0] id;
    reg  [7:0] format;
    reg  [1:0] place;             // in a field of four bytes
    reg [15:0] index;             // of the event or record in work
    reg        send;
    reg  [2:0] what;
    reg  [7:0] code;
    reg [15:0] detail;

    wire sending, has_levels, line_busy;
    wire empty = left == 0;
    wire stopped = TRACE != 0 && trace_stop;
    wire is_data = kind == `SPIKEC_MSG_SAMPLE_BEGIN || kind == `SPIKEC_MSG_EVENTS || kind == `SPIKEC_MSG_FRAMES ||
                   kind == `SPIKEC_MSG_SAMPLE_END;
    wire is_known = is_data || kind == `SPIKEC_MSG_HELLO || kind == `SPIKEC_MSG_PING;
    wire frames = format[0];      // the sample's format, once it is accepted
    wire in_header = state == LENGTH_LOW || state == LENGTH_HIGH || state == VERSION || state == TYPE ||
                     state == NUMBER_LOW || state == NUMBER_HIGH;
    wire in_field = state == NONCE || state == ID || state == FORMAT || state == FLAGS;
    wire [LEFT-9:0] length_high = head[LEFT-9:0];

    // ---- input: events or records -----------------------------------------------------------------------------------
    wire input_take, input_item, input_done, input_failed;
    wire [7:0] input_code;
    wire go = state == INPUT;

    wire record_take, record_item, record_done, record_failed, record_set;
    wire [7:0] record_code;
    wire [15:0] record_step, record_index;

    spikec_records #(
        .STEPS(STEPS), .INPUTS(INPUTS), .LEFT(LEFT)
    ) records (
        .clk(clk), .rst(rst), .begin_sample(clear), .go(go && frames), .data(head), .left(left), .take(record_take),
        .item(record_item), .done(record_done), .failed(record_failed), .code(record_code),
        .set(record_set), .set_step(record_step), .set_index(record_index), .set_ready(set_ready)
    );

    generate
        if (EVENTS != 0) begin : with_events
            wire event_take, event_item, event_done, event_failed, event_set;
            wire [7:0] event_code;
            wire [15:0] event_step, event_index;

            spikec_events #(
                .STEPS(STEPS), .WIDTH(WIDTH), .HEIGHT(HEIGHT), .COLUMNS(COLUMNS), .CHANNELS(CHANNELS),
                .DOWNSAMPLE(DOWNSAMPLE), .POLARITY(POLARITY), .START_US(START_US), .BIN_US(BIN_US)
            ) events (
                .clk(clk), .rst(rst), .begin_sample(clear), .go(go && !frames), .data(head), .empty(empty),
                .take(event_take), .item(event_item), .done(event_done), .failed(event_failed), .code(event_code),
                .set(event_set), .set_step(event_step), .set_index(event_index), .set_ready(set_ready)
            );

            assign set = frames ? record_set : event_set;
            assign set_step = frames ? record_step : event_step;
            assign set_index = frames ? record_index : event_index;
            assign input_take = record_take || event_take;
            assign input_item = frames ? record_item : event_item;
            assign input_done = record_done || event_done;
            assign input_failed = frames ? record_failed : event_failed;
            assign input_code = frames ? record_code : event_code;
        end else begin : without_events
            assign set = record_set;
            assign set_step = record_step;
            assign set_index = record_index;
            assign input_take = record_take;
            assign input_item = record_item;
            assign input_done = record_done;
            assign input_failed = record_failed;
            assign input_code = record_code;
        end
    endgenerate

    // ---- answers ----------------------------------------------------------------------------------------------------
    spikec_answers #(
        .STEPS(STEPS), .OUTPUTS(OUTPUTS), .LAYERS(LAYERS), .HEADS(HEADS), .LAYER_SIZES(LAYER_SIZES),
        .LAYER_KINDS(LAYER_KINDS), .MAX_PAYLOAD(MAX_PAYLOAD), .GREETING_FILE(GREETING_FILE),
        .GREETING_BYTES(GREETING_BYTES)
    ) answers (
        .clk(clk), .rst(rst), .send(send), .what(what), .busy(sending), .has_levels(has_levels),
        .line_busy(line_busy), .expected(expected), .code(code), .detail(detail), .id(id),
        .trace_layer(trace_layer), .trace_step(trace_step),
        .read(read), .read_what(read_what), .read_layer(read_layer), .read_index(read_index),
        .read_valid(read_valid), .read_data(read_data),
        .tx_valid(tx_valid), .tx_data(tx_data), .tx_ready(tx_ready)
    );

    assign repeats = 32'd0;  // the wire has no word for it
    assign take = in_header || (in_field && !empty) || (state == SKIP && !empty) || input_take;

    // Send a frame or message, and go on with `next`.
    task answer(input [2:0] message, input [4:0] next);
        begin
            send <= 1'b1;
            what <= message;
            after <= next;
            state <= SENDING;
        end
    endtask

    // An error about the frame, which no sample suffers from.
    task complain(input [7:0] why);
        begin
            code <= why;
            answer(LOST, SKIP);
        end
    endtask

    // An error that ends the sample.
    task refuse(input [7:0] why);
        begin
            code <= why;
            phase <= REFUSED;
            answer(ERROR, SKIP);
        end
    endtask

    always @(posedge clk) begin
        send <= 1'b0;
        clear <= 1'b0;
        start <= 1'b0;
        trace_next <= 1'b0;
        marker <= running;
        busy <= state != IDLE || waiting || rx_valid || phase == CLOSED || running || pending || line_busy;
        if (take && !in_header) left <= left - 1;

        case (state)
            // Frames come first: a PING is answered while the engine runs. A sample that begins has to wait for the one before.
            IDLE: begin
                place <= 2'd0;
                index <= 16'd0;
                if (waiting && !pending) state <= LENGTH_LOW;
                else if (stopped) begin
                    if (phase == CLOSED) answer(SPIKES, TRACED);
                    else state <= STEP_ON;  // nobody waits for this sample any more
                end else if (!running) begin
                    if (phase == CLOSED) begin
                        phase <= FREE;
                        answer(RESULT, IDLE);
                    end else if (pending) state <= OPENING;
                end
            end

            // ---- the head of a frame
            LENGTH_LOW: begin
                left <= {{(LEFT - 8) {1'b0}}, head};
                state <= LENGTH_HIGH;
            end
            LENGTH_HIGH: begin
                left <= {length_high, left[7:0]};
                state <= VERSION;
            end
            VERSION: begin
                detail <= {8'd0, head};
                foreign <= head != `SPIKEC_PROTOCOL_VERSION;
                state <= TYPE;
            end
            TYPE: begin
                kind <= head;
                if (!foreign) detail <= {8'd0, head};
                state <= NUMBER_LOW;
            end
            NUMBER_LOW: begin
                its_turn <= head == expected[7:0];
                state <= NUMBER_HIGH;
            end
            NUMBER_HIGH: begin
                its_turn <= its_turn && head == expected[15:8];
                state <= DECIDE;
            end

            DECIDE: begin
                if (foreign) complain(`SPIKEC_ERROR_VERSION);
                else if (!is_known) complain(`SPIKEC_ERROR_TYPE);
                else begin
                    detail <= 16'd0;
                    if (kind == `SPIKEC_MSG_HELLO) begin
                        if (left == 4) state <= NONCE;
                        else complain(`SPIKEC_ERROR_PAYLOAD);
                    end else if (!greeted) complain(`SPIKEC_ERROR_NOT_GREETED);
                    else if (is_data && its_turn) begin
                        expected <= expected + 16'd1;
                        answer(ACK, TURN);
                    end else answer(ACK, SKIP);
                end
            end
            NONCE: begin
                id <= {head, id[31:8]};
                place <= place + 2'd1;
                if (place == 2'd3) begin
                    greeted <= 1'b1;
                    expected <= 16'd0;
                    phase <= FREE;
                    answer(GREETING, SKIP);
                end
            end

            // ---- a data frame that is acknowledged
            TURN: begin
                if (kind == `SPIKEC_MSG_SAMPLE_BEGIN) begin
                    pending <= 1'b1;
                    state <= IDLE;
                    if (phase == OPEN) begin  // its end never came: it is given up
                        refuse(`SPIKEC_ERROR_STATE);
                        after <= IDLE;
                    end
                end else if (phase == REFUSED) begin
                    if (kind == `SPIKEC_MSG_SAMPLE_END) phase <= FREE;
                    state <= SKIP;
                end else if (phase != OPEN) complain(`SPIKEC_ERROR_STATE);
                else if (kind == `SPIKEC_MSG_SAMPLE_END) state <= FINISH;
                else if (frames != (kind == `SPIKEC_MSG_FRAMES)) refuse(`SPIKEC_ERROR_INPUT);
                else state <= INPUT;
            end

            // ---- SAMPLE_BEGIN, when the engine is free
            OPENING: begin
                clear <= 1'b1;
                pending <= 1'b0;
                phase <= OPEN;
                state <= ID;
                if (left != 6) begin
                    complain(`SPIKEC_ERROR_PAYLOAD);
                    phase <= REFUSED;
                end
            end
            ID: begin
                id <= {head, id[31:8]};
                place <= place + 2'd1;
                if (place == 2'd3) state <= FORMAT;
            end
            FORMAT: begin
                format <= head;
                state <= FLAGS;
            end
            FLAGS: begin
                trace <= head[0] && TRACE != 0;
                state <= SKIP;
                if ((head & ~KNOWN_FLAGS) != 8'd0) refuse(`SPIKEC_ERROR_PAYLOAD);
                else if (format > `SPIKEC_FORMAT_FRAMES || (EVENTS == 0 && format == `SPIKEC_FORMAT_EVENTS))
                    refuse(`SPIKEC_ERROR_INPUT);
            end

            // ---- EVENTS and FRAMES
            INPUT: begin
                if (input_item) index <= index + 16'd1;
                detail <= index;
                if (input_failed) refuse(input_code);
                else if (input_done) state <= IDLE;
            end

            // ---- SAMPLE_END
            FINISH: if (set_ready) begin
                start <= 1'b1;
                phase <= CLOSED;
                state <= STARTED;
            end
            STARTED: state <= SKIP;  // `running` follows

            SKIP: if (empty) state <= IDLE;
            SENDING: if (!sending) state <= after;

            // ---- a step of a layer that is traced
            TRACED: if (has_levels) answer(LEVELS, STEP_ON); else state <= STEP_ON;
            STEP_ON: begin
                trace_next <= 1'b1;
                state <= STEPPED;
            end
            default: state <= trace_next ? STEPPED : IDLE;  // `trace_stop` has fallen by then
        endcase

        if (rst) begin
            state <= IDLE;
            phase <= FREE;
            pending <= 1'b0;
            greeted <= 1'b0;
            expected <= 16'd0;
            trace <= 1'b0;
            format <= 8'd0;
        end
    end
endmodule
