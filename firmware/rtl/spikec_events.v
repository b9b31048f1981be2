// spikec_events.v: the payload of EVENTS to input spikes: varints, checks, binning in time and space.
//
// Nothing is divided: the end of the bin in work walks forward, as times do not decrease; and pixels go to inputs a bit of
// their coordinates at a time, which divides by DOWNSAMPLE and multiplies by COLUMNS on the way.
`include "spikec_protocol.vh"

module spikec_events #(
    parameter STEPS = 16,
    parameter INPUTS = 1156,
    parameter WIDTH = 34,          // of the sensor, in pixels
    parameter HEIGHT = 34,
    parameter COLUMNS = 34,        // of the input, after downsampling
    parameter CHANNELS = 1,        // 2: of each pixel, first OFF, then ON
    parameter DOWNSAMPLE = 1,
    parameter POLARITY = 0,        // 0 on, 1 off, 2 both, 3 merged
    parameter START_US = 0,        // step k takes START_US + k * BIN_US <= t < START_US + (k + 1) * BIN_US
    parameter BIN_US = 6250        // the window ends before 2^31
) (
    input             clk,
    input             rst,
    input             begin_sample,  // time and steps start anew
    input             go,            // a payload is there, until `done` or `failed`
    input             there,         // `data` is its next byte
    input       [7:0] data,
    input             empty,         // no byte of it is left
    output            take,
    output            item,          // pulse: an event is through
    output            done,
    output            failed,
    output      [7:0] code,          // of the failure
    output            set,
    output     [15:0] set_step,
    output     [15:0] set_index,
    input             set_ready
);
    localparam WIDEST = WIDTH > HEIGHT ? WIDTH : HEIGHT;
    localparam COORDINATE = WIDEST > 4 ? $clog2(WIDEST) : 2;  // bits of one
    localparam COUNT = $clog2(STEPS + 2);
    localparam REST = DOWNSAMPLE > 1 ? $clog2(DOWNSAMPLE) : 1;
    localparam [REST:0] BLOCK = DOWNSAMPLE[REST:0];
    localparam INDEX = INPUTS > 4 ? $clog2(INPUTS) : 2;
    localparam END_US = START_US + STEPS * BIN_US;
    localparam TIME = END_US >= 1 << 30 ? 31 : $clog2(END_US + 1);  // bits of the window's end

    localparam VARINT = 3'd0, CHECK = 3'd1, COMPARE = 3'd2, WALK = 3'd3, LOCATE = 3'd4, JOIN = 3'd5, SET = 3'd6,
               FAILED = 3'd7;

    reg [2:0] state;
    reg [7:0] why;

    // ---- three varints: time since the event before, x, 2 * y + polarity --------------------------------------------
    reg  [1:0] field;
    reg  [2:0] group;    // of seven bits, within the varint
    reg [31:0] value;
    reg  [1:0] ended;    // the field that has become complete in `value`, plus one; 0: none has

    wire at_start = field == 2'd0 && group == 3'd0;
    wire cut = go && empty && !at_start;                  // the payload ends within an event
    wire overflows = group == 3'd4 && data[7:4] != 4'd0;  // more than 32 bits
    wire ends = !data[7];

    assign take = go && state == VARINT && there && !empty;
    assign done = go && state == VARINT && empty && at_start;

    always @(posedge clk) begin
        ended <= 2'd0;
        if (take) begin
            case (group)
                3'd0: value <= {25'd0, data[6:0]};
                3'd1: value[13:7] <= data[6:0];
                3'd2: value[20:14] <= data[6:0];
                3'd3: value[27:21] <= data[6:0];
                default: value[31:28] <= data[3:0];
            endcase
            group <= ends ? 3'd0 : group + 3'd1;
            if (ends) begin
                ended <= field + 2'd1;
                field <= field == 2'd2 ? 2'd0 : field + 2'd1;
            end
        end
        if (rst || begin_sample) begin
            field <= 2'd0;
            group <= 3'd0;
            ended <= 2'd0;
        end
    end

    // ---- what they are ----------------------------------------------------------------------------------------------
    reg [31:0] now;          // time of the newest event
    reg late;                // it does not fit 32 bits
    reg [COORDINATE-1:0] x, y;
    reg polarity;
    reg wide, outside;       // a coordinate does not fit 16 bits; is not on the sensor

    wire [15:0] row = value[16:1];

    always @(posedge clk) begin
        case (ended)
            2'd1: {late, now} <= {1'b0, now} + {1'b0, value};
            2'd2: begin
                x <= value[COORDINATE-1:0];
                wide <= value[31:16] != 16'd0;
                outside <= value[15:COORDINATE] != 0 || {1'b0, value[COORDINATE-1:0]} >= WIDTH[COORDINATE:0];
            end
            2'd3: begin
                y <= row[COORDINATE-1:0];
                polarity <= value[0];
                wide <= wide || value[31:17] != 15'd0;
                outside <= outside || row[15:COORDINATE] != 0 || {1'b0, row[COORDINATE-1:0]} >= HEIGHT[COORDINATE:0];
            end
            default: if (state == LOCATE) begin  // the highest bit goes first
                x <= {x[COORDINATE-2:0], 1'b0};
                y <= {y[COORDINATE-2:0], 1'b0};
            end
        endcase
        if (rst || begin_sample) now <= 32'd0;
    end

    // ---- its bin ----------------------------------------------------------------------------------------------------
    reg [COUNT-1:0] begun;   // bins that have begun: 0 before the window, STEPS + 1 behind it
    reg  [TIME-1:0] bin_end; // of the last of these
    reg behind;              // the event is behind it
    reg far;                 // and beyond any bin

    wire over = begun == STEPS[COUNT-1:0] + 1;
    wire in_window = begun != 0 && !over;
    wire counts = POLARITY == 0 ? polarity : POLARITY == 1 ? !polarity : 1'b1;
    wire [COUNT-1:0] step = begun - 1;

    // ---- its input --------------------------------------------------------------------------------------------------
    reg [COORDINATE-1:0] round;  // a one that walks: the bits that are still to come
    reg [REST-1:0] rest_x, rest_y;
    reg [INDEX-1:0] column, pixel;

    wire [REST:0] next_x = {rest_x, x[COORDINATE-1]};
    wire [REST:0] next_y = {rest_y, y[COORDINATE-1]};
    wire column_bit = next_x >= BLOCK;
    wire row_bit = next_y >= BLOCK;
    wire [REST-1:0] left_x = next_x[REST-1:0] - (column_bit ? BLOCK[REST-1:0] : {REST{1'b0}});
    wire [REST-1:0] left_y = next_y[REST-1:0] - (row_bit ? BLOCK[REST-1:0] : {REST{1'b0}});
    wire [INDEX-1:0] index = CHANNELS == 2 ? {pixel[INDEX-2:0], polarity} : pixel;

    assign item = (state == COMPARE && (!behind || over) && !(in_window && counts)) || (set && set_ready);
    assign failed = state == FAILED;
    assign code = why;
    assign set = state == SET;
    assign set_step = {{(16 - COUNT) {1'b0}}, step};
    assign set_index = {{(16 - INDEX) {1'b0}}, index};

    always @(posedge clk) begin
        far <= now[31:TIME] != 0;
        behind <= far || now[TIME-1:0] >= bin_end;
        round <= {{(COORDINATE - 1) {1'b0}}, 1'b1};
        rest_x <= 0;
        rest_y <= 0;
        column <= 0;
        case (state)
            VARINT: begin
                why <= `SPIKEC_ERROR_PAYLOAD;
                if (cut || (take && overflows)) state <= FAILED;
                else if (take && ends && field == 2'd2) state <= CHECK;
            end
            CHECK: if (ended == 2'd0) begin  // in the order in which the C device looks at them
                why <= wide || !late ? `SPIKEC_ERROR_RANGE : `SPIKEC_ERROR_TIME;
                state <= wide || late || outside ? FAILED : COMPARE;
            end
            COMPARE: begin
                pixel <= 0;
                if (behind && !over) state <= WALK;
                else state <= in_window && counts ? LOCATE : VARINT;
            end
            WALK: begin
                begun <= begun + 1;
                bin_end <= bin_end + BIN_US[TIME-1:0];
                state <= CHECK;  // once more: `behind` follows a cycle later
            end
            LOCATE: begin
                round <= {round[COORDINATE-2:0], 1'b0};
                rest_x <= left_x;
                rest_y <= left_y;
                column <= {column[INDEX-2:0], column_bit};
                pixel <= {pixel[INDEX-2:0], 1'b0} + (row_bit ? COLUMNS[INDEX-1:0] : {INDEX{1'b0}});
                if (round[COORDINATE-1]) state <= JOIN;
            end
            JOIN: begin
                pixel <= pixel + column;
                state <= SET;
            end
            SET: if (set_ready) state <= VARINT;
            default: if (!go) state <= VARINT;
        endcase
        if (rst || begin_sample) begin
            state <= VARINT;
            begun <= 0;
            bin_end <= START_US[TIME-1:0];
        end
    end
endmodule
