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
    parameter RX_BYTES = 4096,     // memory for frames: a power of two; RX_BYTES - MAX_PAYLOAD - 64 of them can be promised
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

    wire       there;             // `head` is the next byte of the frames that wait
    wire [7:0] head;
    wire       take, receiving;

    spikec_receiver #(
        .MAX_PAYLOAD(MAX_PAYLOAD), .RX_BYTES(RX_BYTES)
    ) receiver (
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_data(rx_data), .rx_ready(rx_ready),
        .there(there), .head(head), .take(take), .busy(receiving)
    );

    // ---- where the sample in work stands, and the link --------------------------------------------------------------
    localparam FREE = 2'd0, OPEN = 2'd1, CLOSED = 2'd2, REFUSED = 2'd3;  // as in enum spikec_phase
    localparam ACK = 3'd0, ERROR = 3'd1, LOST = 3'd2, GREETING = 3'd3, RESULT = 3'd4, SPIKES = 3'd5, LEVELS = 3'd6;
    localparam [7:0] KNOWN_FLAGS = TRACE != 0 ? `SPIKEC_FLAG_TRACE : 8'd0;

    localparam IDLE = 5'd0, LENGTH_LOW = 5'd1, LENGTH_HIGH = 5'd2, VERSION = 5'd3, TYPE = 5'd4, NUMBER_LOW = 5'd5,
               NUMBER_HIGH = 5'd6, DECIDE = 5'd7, NONCE = 5'd8, TURN = 5'd9, OPENING = 5'd10, ID = 5'd11, FORMAT = 5'd12,
               FLAGS = 5'd13, ACCEPT = 5'd14, INPUT = 5'd15, FINISH = 5'd16, STARTED = 5'd17, SKIP = 5'd18, CHECKSUM = 5'd19,
               SENDING = 5'd20, STEP_ON = 5'd21, STEPPED = 5'd22;

    (* fsm_encoding = "auto" *) reg  [4:0] state;
    reg  [1:0] phase;
    reg        pending;           // a SAMPLE_BEGIN waits for the sample before
    reg        greeted;
    reg        its_turn;          // the frame's number is the expected one
    reg        foreign;           // the frame is of another version
    reg        is_hello, is_ping, is_begin, is_events, is_frames, is_end;
    reg [15:0] expected;          // number of the next data frame
    reg [LEFT-1:0] left;          // bytes of the payload that are still to be taken
    reg        empty;             // none
    reg        is_four, is_six;   // so many
    reg        frames;            // the sample's format
    reg        bad_format, bad_flags;
    reg  [1:0] place;             // in a field of four bytes
    reg        send;
    reg  [2:0] what;
    reg  [7:0] code;
    reg [15:0] detail;            // of an error; in the input, number of the event or record in work

    wire sending, has_levels, line_busy;
    wire stopped = TRACE != 0 && trace_stop;
    wire is_data = is_begin || is_events || is_frames || is_end;
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
        .clk(clk), .rst(rst), .begin_sample(clear), .go(go && frames), .there(there), .data(head), .empty(empty),
        .take(record_take), .item(record_item), .done(record_done), .failed(record_failed), .code(record_code),
        .set(record_set), .set_step(record_step), .set_index(record_index), .set_ready(set_ready)
    );

    generate
        if (EVENTS != 0) begin : with_events
            wire event_take, event_item, event_done, event_failed, event_set;
            wire [7:0] event_code;
            wire [15:0] event_step, event_index;

            spikec_events #(
                .STEPS(STEPS), .INPUTS(INPUTS), .WIDTH(WIDTH), .HEIGHT(HEIGHT), .COLUMNS(COLUMNS), .CHANNELS(CHANNELS),
                .DOWNSAMPLE(DOWNSAMPLE), .POLARITY(POLARITY), .START_US(START_US), .BIN_US(BIN_US)
            ) events (
                .clk(clk), .rst(rst), .begin_sample(clear), .go(go && !frames), .there(there), .data(head), .empty(empty),
                .take(event_take), .item(event_item), .done(event_done), .failed(event_failed), .code(event_code),
                .set(event_set), .set_step(event_step), .set_index(event_index), .set_ready(set_ready)
            );

            assign set = record_set || event_set;
            assign set_step = frames ? record_step : event_step;
            assign set_index = frames ? record_index : event_index;
            assign input_take = record_take || event_take;
            assign input_item = record_item || event_item;
            assign input_done = record_done || event_done;
            assign input_failed = record_failed || event_failed;
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
    wire in_header = state == LENGTH_LOW || state == LENGTH_HIGH || state == VERSION || state == TYPE ||
                     state == NUMBER_LOW || state == NUMBER_HIGH;
    wire in_id = state == NONCE || state == ID;
    wire in_payload = in_id || state == FORMAT || state == FLAGS || (state == SKIP && !empty && !pending);

    assign take = (there && (in_header || in_payload || state == CHECKSUM)) || input_take;

    spikec_answers #(
        .STEPS(STEPS), .OUTPUTS(OUTPUTS), .LAYERS(LAYERS), .HEADS(HEADS), .LAYER_SIZES(LAYER_SIZES),
        .LAYER_KINDS(LAYER_KINDS), .MAX_PAYLOAD(MAX_PAYLOAD), .GREETING_FILE(GREETING_FILE),
        .GREETING_BYTES(GREETING_BYTES)
    ) answers (
        .clk(clk), .rst(rst), .send(send), .what(what), .busy(sending), .has_levels(has_levels),
        .line_busy(line_busy), .expected(expected), .code(code), .detail(detail),
        .trace_layer(trace_layer), .trace_step(trace_step), .id_take(there && in_id), .id_byte(head),
        .read(read), .read_what(read_what), .read_layer(read_layer), .read_index(read_index),
        .read_valid(read_valid), .read_data(read_data),
        .tx_valid(tx_valid), .tx_data(tx_data), .tx_ready(tx_ready)
    );

    assign repeats = 32'd0;  // the wire has no word for it

    task answer(input [2:0] message);
        begin
            send <= 1'b1;
            what <= message;
            state <= SENDING;
        end
    endtask

    // An error about the frame, which no sample suffers from.
    task complain(input [7:0] why);
        begin
            code <= why;
            answer(LOST);
        end
    endtask

    // An error that ends the sample.
    task refuse(input [7:0] why);
        begin
            code <= why;
            phase <= REFUSED;
            answer(ERROR);
        end
    endtask

    always @(posedge clk) begin
        if (rst || state == NONCE) expected <= 16'd0;
        else if (state == DECIDE && its_turn && greeted && !foreign) expected <= expected + 16'd1;
    end

    always @(posedge clk) begin
        send <= 1'b0;
        clear <= 1'b0;
        start <= 1'b0;
        trace_next <= 1'b0;
        marker <= running;
        busy <= state != IDLE || receiving || rx_valid || phase == CLOSED || running || pending || line_busy;
        if (input_take || (there && in_payload)) begin
            left <= left - 1;
            empty <= left == 1;
        end
        if (input_item) detail <= detail + 16'd1;

        case (state)
            // Frames come first: a PING is answered while the engine runs. A sample that begins has to wait for the one before.
            IDLE: begin
                if (there && !pending) state <= LENGTH_LOW;
                else if (stopped) begin
                    if (phase == CLOSED) answer(SPIKES);
                    else state <= STEP_ON;  // nobody waits for this sample any more
                end else if (!running) begin
                    if (phase == CLOSED) begin
                        phase <= FREE;
                        answer(RESULT);
                    end else if (pending) state <= OPENING;
                end
            end

            // ---- the head of a frame
            LENGTH_LOW: if (there) begin
                left <= {{(LEFT - 8) {1'b0}}, head};
                state <= LENGTH_HIGH;
            end
            LENGTH_HIGH: if (there) begin
                left <= {length_high, left[7:0]};
                state <= VERSION;
            end
            VERSION: if (there) begin
                empty <= left == 0;
                is_four <= left == 4;
                is_six <= left == 6;
                foreign <= head != `SPIKEC_PROTOCOL_VERSION;
                detail <= {8'd0, head};
                state <= TYPE;
            end
            TYPE: if (there) begin
                is_hello <= head == `SPIKEC_MSG_HELLO;
                is_ping <= head == `SPIKEC_MSG_PING;
                is_begin <= head == `SPIKEC_MSG_SAMPLE_BEGIN;
                is_events <= head == `SPIKEC_MSG_EVENTS;
                is_frames <= head == `SPIKEC_MSG_FRAMES;
                is_end <= head == `SPIKEC_MSG_SAMPLE_END;
                if (!foreign) detail <= {8'd0, head};
                state <= NUMBER_LOW;
            end
            NUMBER_LOW: if (there) begin
                its_turn <= is_data && head == expected[7:0];
                state <= NUMBER_HIGH;
            end
            NUMBER_HIGH: if (there) begin
                its_turn <= its_turn && head == expected[15:8];
                state <= DECIDE;
            end

            DECIDE: begin
                if (foreign) complain(`SPIKEC_ERROR_VERSION);
                else if (!is_hello && !is_ping && !is_data) complain(`SPIKEC_ERROR_TYPE);
                else begin
                    detail <= 16'd0;
                    if (is_hello && is_four) state <= NONCE;
                    else if (is_hello) complain(`SPIKEC_ERROR_PAYLOAD);
                    else if (!greeted) complain(`SPIKEC_ERROR_NOT_GREETED);
                    else begin
                        answer(ACK);
                    end
                end
            end
            NONCE: if (there) begin
                place <= place + 2'd1;
                if (place == 2'd3) begin
                    greeted <= 1'b1;
                    phase <= FREE;
                    answer(GREETING);
                end
            end

            // ---- a data frame that is acknowledged
            TURN: begin
                if (is_begin) begin
                    pending <= 1'b1;
                    state <= IDLE;
                    if (phase == OPEN) refuse(`SPIKEC_ERROR_STATE);  // its end never came: it is given up
                end else if (phase == REFUSED) begin
                    if (is_end) phase <= FREE;
                    state <= SKIP;
                end else if (phase != OPEN) complain(`SPIKEC_ERROR_STATE);
                else if (is_end) state <= FINISH;
                else if (frames != is_frames) refuse(`SPIKEC_ERROR_INPUT);
                else state <= INPUT;
            end

            // ---- SAMPLE_BEGIN, when the engine is free
            OPENING: begin
                clear <= 1'b1;
                pending <= 1'b0;
                phase <= is_six ? OPEN : REFUSED;
                if (is_six) state <= ID;
                else complain(`SPIKEC_ERROR_PAYLOAD);
            end
            ID: if (there) begin
                place <= place + 2'd1;
                if (place == 2'd3) state <= FORMAT;
            end
            FORMAT: if (there) begin
                frames <= head[0];
                bad_format <= head != `SPIKEC_FORMAT_FRAMES && (EVENTS == 0 || head != `SPIKEC_FORMAT_EVENTS);
                state <= FLAGS;
            end
            FLAGS: if (there) begin
                trace <= head[0] && TRACE != 0;
                bad_flags <= (head & ~KNOWN_FLAGS) != 8'd0;
                state <= ACCEPT;
            end
            ACCEPT: begin
                if (bad_flags) refuse(`SPIKEC_ERROR_PAYLOAD);
                else if (bad_format) refuse(`SPIKEC_ERROR_INPUT);
                else state <= SKIP;
            end

            // ---- EVENTS and FRAMES
            INPUT: begin
                if (input_failed) refuse(input_code);
                else if (input_done) state <= SKIP;
            end

            // ---- SAMPLE_END
            FINISH: if (set_ready) begin
                start <= 1'b1;
                phase <= CLOSED;
                state <= STARTED;
            end
            STARTED: state <= SKIP;  // `running` follows

            // ---- the rest of a frame: of its payload, and its checksum
            SKIP: begin
                if (pending) state <= IDLE;  // it is still needed
                else if (empty) state <= CHECKSUM;
            end
            CHECKSUM: if (there) begin
                place <= place + 2'd1;
                if (place == 2'd3) state <= IDLE;
            end

            SENDING: if (!sending)
                case (what)
                    ACK: state <= its_turn ? TURN : SKIP;
                    RESULT: state <= IDLE;
                    SPIKES: begin
                        if (has_levels) answer(LEVELS);
                        else state <= STEP_ON;
                    end
                    LEVELS: state <= STEP_ON;
                    default: state <= SKIP;
                endcase

            // ---- the engine goes on behind a step that was traced
            STEP_ON: begin
                trace_next <= 1'b1;
                state <= STEPPED;
            end
            default: if (!trace_next) state <= IDLE;  // `trace_stop` has fallen by then
        endcase

        if (rst) begin
            state <= IDLE;
            phase <= FREE;
            pending <= 1'b0;
            greeted <= 1'b0;
            place <= 2'd0;
            trace <= 1'b0;
            frames <= 1'b0;
        end
    end
endmodule
