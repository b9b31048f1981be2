// spikec_answers.v: the device's frames, from their header to the last byte of their payload; their numbers; and long
// messages cut into pieces, one frame each.
`include "spikec_protocol.vh"

module spikec_answers #(
    parameter STEPS = 16,
    parameter OUTPUTS = 12,
    parameter LAYERS = 3,
    parameter HEADS = 2,
    parameter [16*LAYERS-1:0] LAYER_SIZES = {16'd12, 16'd256, 16'd256},  // neurons, layer 0 lowest
    parameter [2*LAYERS-1:0] LAYER_KINDS = {2'd1, 2'd1, 2'd1},           // of their membranes, as in TRACE; 0: none
    parameter MAX_PAYLOAD = 1024,
    parameter GREETING_FILE = "greeting.hex",
    parameter GREETING_BYTES = 128
) (
    input             clk,
    input             rst,
    input             send,         // pulse, while not `busy`: send a frame, or a whole message
    input       [2:0] what,         // one of these
    output            busy,
    output            has_levels,   // the layer that is traced has membranes
    output            line_busy,    // bytes wait for the line
    // what they say
    input      [15:0] expected,
    input       [7:0] code,
    input      [15:0] detail,
    input       [7:0] trace_layer,
    input      [15:0] trace_step,
    // the sample's id comes byte by byte and stays; in a greeting it is the nonce
    input             id_take,
    input       [7:0] id_byte,
    // the engine
    output            read,
    output      [3:0] read_what,
    output      [7:0] read_layer,
    output     [15:0] read_index,
    input             read_valid,
    input      [31:0] read_data,
    // the line
    output            tx_valid,
    output      [7:0] tx_data,
    input             tx_ready
);
    localparam ACK = 3'd0, ERROR = 3'd1, LOST = 3'd2, GREETING = 3'd3, RESULT = 3'd4, SPIKES = 3'd5, LEVELS = 3'd6;

    // ---- how long the long ones are ---------------------------------------------------------------------------------
    localparam ROW = (OUTPUTS + 7) / 8;
    localparam RESULT_BYTES = 10 + LAYERS * 12 + LAYERS * STEPS * 2 + STEPS * ROW + OUTPUTS * 4 + HEADS * 2;
    localparam RESULT_ROOM = MAX_PAYLOAD - 12, TRACE_ROOM = MAX_PAYLOAD - 16;
    localparam PLACE = $clog2(GREETING_BYTES), LAST_TEXT = GREETING_BYTES - 1;
    localparam ROOM = $clog2(MAX_PAYLOAD + 1);

    function integer larger(input integer a, input integer b);
        larger = a > b ? a : b;
    endfunction

    function integer widest_layer(input integer unused);
        integer i;
        begin
            widest_layer = unused;
            for (i = 0; i < LAYERS; i = i + 1) widest_layer = larger(widest_layer, {16'd0, LAYER_SIZES[16*i+:16]});
        end
    endfunction

    // Bits of an offset in a message, of a layer, and of a place in a row of numbers.
    localparam OFFSET = $clog2(larger(RESULT_BYTES, 4 * widest_layer(0)) + 1);
    localparam LAYER_BITS = LAYERS > 1 ? $clog2(LAYERS) : 1;
    localparam INDEX = $clog2(larger(larger(STEPS * ROW, 16), larger(HEADS, widest_layer(0))) + 1);

    function [15:0] size_of(input [7:0] layer);
        integer i;
        begin
            size_of = 16'd0;
            for (i = 0; i < LAYERS; i = i + 1) if (layer == i[7:0]) size_of = LAYER_SIZES[16*i+:16];
        end
    endfunction

    function [1:0] kind_of(input [7:0] layer);
        integer i;
        begin
            kind_of = 2'd0;
            for (i = 0; i < LAYERS; i = i + 1) if (layer == i[7:0]) kind_of = LAYER_KINDS[2*i+:2];
        end
    endfunction

    reg  [2:0] message;
    reg [15:0] size, last_neuron;
    reg  [1:0] kind;
    reg [31:0] total;

    wire wide = kind == 2'd2;
    assign has_levels = kind != 2'd0;

    always @(posedge clk) begin
        size <= size_of(trace_layer);
        kind <= kind_of(trace_layer);
        last_neuron <= size - 16'd1;
        if (message == SPIKES) total <= {19'd0, last_neuron[15:3]} + 32'd1;
        else if (message == LEVELS) total <= wide ? {14'd0, size, 2'd0} : {15'd0, size, 1'b0};
        else total <= RESULT_BYTES;
    end

    // ---- what they hold ---------------------------------------------------------------------------------------------
    wire       content_valid, content_last, content_ready, found_valid, found_last, found_ready;
    wire [7:0] content, found;
    reg        report;

    spikec_report #(
        .STEPS(STEPS), .OUTPUTS(OUTPUTS), .LAYERS(LAYERS), .HEADS(HEADS), .LAYER(LAYER_BITS), .INDEX(INDEX)
    ) reader (
        .clk(clk), .rst(rst), .start(report), .what(message[1:0]),
        .trace_layer(trace_layer[LAYER_BITS-1:0]), .trace_last(last_neuron[INDEX-1:0]), .trace_wide(wide),
        .valid(found_valid), .data(found), .last(found_last), .ready(found_ready),
        .read(read), .read_what(read_what), .read_layer(read_layer), .read_index(read_index),
        .read_valid(read_valid), .read_data(read_data)
    );
    spikec_buffer #(.WIDTH(9)) contents (
        .clk(clk), .rst(rst), .in_valid(found_valid), .in_ready(found_ready), .in_data({found_last, found}),
        .out_valid(content_valid), .out_ready(content_ready), .out_data({content_last, content})
    );

    // ---- field by field, byte by byte -------------------------------------------------------------------------------
    localparam IDLE = 4'd0, HEADER = 4'd1, NEXT = 4'd2, CODE = 4'd3, SAMPLE = 4'd4, DETAIL = 4'd5, LAYER = 4'd6,
               TOTAL = 4'd7, PIECE = 4'd8, TEXT = 4'd9, CONTENT = 4'd10;

    reg        [3:0] field;
    reg        [1:0] place;       // in the field
    reg       [15:0] sent;        // number of the frame in work
    reg       [31:0] id;          // its lowest byte is the next: it goes round
    reg [OFFSET-1:0] offset;      // in the message, of the byte that is next
    reg   [ROOM-1:0] room;        // bytes of content that still fit the frame
    reg              room_ends;   // one byte
    reg  [PLACE-1:0] text_place;

    wire [7:0] text;
    wire       text_there;
    wire       is_error = message == ERROR || message == LOST;
    wire       is_trace = message == SPIKES || message == LEVELS;

    function [7:0] byte_of(input [31:0] value, input [1:0] which);
        byte_of = which[1] ? (which[0] ? value[31:24] : value[23:16]) : (which[0] ? value[15:8] : value[7:0]);
    endfunction

    wire [7:0] type_byte = message == ACK ? `SPIKEC_MSG_ACK : is_error ? `SPIKEC_MSG_ERROR :
                           message == GREETING ? `SPIKEC_MSG_GREETING : is_trace ? `SPIKEC_MSG_TRACE : `SPIKEC_MSG_RESULT;
    wire [7:0] trace_kind = message == SPIKES ? `SPIKEC_TRACE_SPIKES :
                            wide ? `SPIKEC_TRACE_MEMBRANE_I32 : `SPIKEC_TRACE_MEMBRANE_I16;

    reg  [7:0] out;
    reg        there, field_ends;

    always @* begin
        there = 1'b1;
        field_ends = place == 2'd3;
        case (field)
            HEADER: out = byte_of({sent, type_byte, `SPIKEC_PROTOCOL_VERSION}, place);
            NEXT: begin
                out = place[0] ? expected[15:8] : expected[7:0];
                field_ends = place[0];
            end
            CODE: begin
                out = code;
                field_ends = 1'b1;
            end
            SAMPLE: out = message == LOST ? 8'd0 : id[7:0];
            DETAIL: out = byte_of({16'd0, detail}, place);
            LAYER: out = byte_of({trace_kind, trace_layer, trace_step}, place);
            TOTAL: out = byte_of(total, place);
            PIECE: out = byte_of({{(32 - OFFSET) {1'b0}}, offset}, place);
            TEXT: begin
                out = text;
                there = text_there;
                field_ends = text_place == LAST_TEXT[PLACE-1:0];
            end
            CONTENT: begin
                out = content;
                there = content_valid;
                field_ends = content_last || room_ends;
            end
            default: begin
                out = 8'd0;
                there = 1'b0;
            end
        endcase
    end

    wire last_field = field == NEXT || field == DETAIL || field == TEXT || field == CONTENT;

    // A register between here and the sender: either has enough to do in a cycle.
    reg        body_valid, body_last;
    reg  [7:0] body;
    wire       body_ready;
    wire       moves = there && (!body_valid || body_ready);
    wire       text_take = field == TEXT && moves;

    assign content_ready = field == CONTENT && moves;
    assign busy = send || field != IDLE;

    always @(posedge clk) begin
        report <= 1'b0;
        if (body_ready) body_valid <= 1'b0;
        if (id_take || (field == SAMPLE && moves)) id <= {id_take ? id_byte : id[7:0], id[31:8]};

        if (moves) begin
            body_valid <= 1'b1;
            body <= out;
            body_last <= last_field && field_ends;
            place <= field_ends ? 2'd0 : place + 2'd1;
            if (last_field && field_ends) sent <= sent + 16'd1;
            if (field_ends)
                case (field)
                    HEADER: field <= message == ACK ? NEXT : is_error ? CODE : SAMPLE;
                    CODE: field <= SAMPLE;
                    SAMPLE: field <= is_error ? DETAIL : message == GREETING ? TEXT : is_trace ? LAYER : TOTAL;
                    LAYER: field <= TOTAL;
                    TOTAL: field <= PIECE;
                    PIECE: field <= CONTENT;
                    CONTENT: field <= content_last ? IDLE : HEADER;
                    default: field <= IDLE;
                endcase
        end

        if (text_take) text_place <= text_place + 1;
        if (content_ready) begin
            offset <= offset + 1;
            room <= room - 1;
            room_ends <= room == 2;
        end else if (field == TOTAL) begin
            room <= is_trace ? TRACE_ROOM[ROOM-1:0] : RESULT_ROOM[ROOM-1:0];
            room_ends <= 1'b0;
        end

        if (field == IDLE) begin
            message <= what;
            offset <= 0;
            text_place <= 0;
            if (send) begin
                field <= HEADER;
                if (what == GREETING) sent <= 16'd0;
                report <= what == RESULT || what == SPIKES || what == LEVELS;
            end
        end

        if (rst) begin
            field <= IDLE;
            place <= 2'd0;
            body_valid <= 1'b0;
            sent <= 16'd0;
            report <= 1'b0;
        end
    end

    wire sender_busy;
    assign line_busy = sender_busy || body_valid;

    spikec_sender #(
        .GREETING_FILE(GREETING_FILE), .GREETING_BYTES(GREETING_BYTES)
    ) sender (
        .clk(clk), .rst(rst),
        .valid(body_valid), .data(body), .last(body_last), .ready(body_ready),
        .text_place(text_place), .text_take(text_take), .text_there(text_there), .text(text),
        .tx_valid(tx_valid), .tx_data(tx_data), .tx_ready(tx_ready), .busy(sender_busy)
    );
endmodule
