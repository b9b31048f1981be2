// spikec_records.v: the payload of FRAMES to input spikes: records of a step's packed spike vector.
//
// A record is looked at to its end, whatever is wrong with it: that the payload ends within it is worse.
`include "spikec_protocol.vh"

module spikec_records #(
    parameter STEPS = 16,
    parameter INPUTS = 1156,
    parameter LEFT = 11           // bits of a payload's length
) (
    input             clk,
    input             rst,
    input             begin_sample,  // the next record is the first
    input             go,            // a payload is there, until `done` or `failed`
    input             there,         // `data` is its next byte
    input       [7:0] data,
    input             empty,         // no byte of it is left
    output            take,
    output            item,          // pulse: a record is through
    output            done,
    output            failed,
    output      [7:0] code,          // of the failure
    output            set,
    output     [15:0] set_step,
    output     [15:0] set_index,
    input             set_ready
);
    localparam WHOLE = (INPUTS + 7) / 8;  // bytes of a step
    localparam USED = INPUTS % 8;         // bits of its last byte; 0: all
    localparam [7:0] BEYOND = USED == 0 ? 8'd0 : 8'hFF << USED;
    localparam STEP = $clog2(STEPS + 1), OFFSET = $clog2(WHOLE + 1);  // bits of them

    localparam HEAD = 3'd0, SUM = 3'd1, CHECK = 3'd2, BYTES = 3'd3, BITS = 3'd4, ENDED = 3'd5, FAILED = 3'd6;

    reg  [2:0] state;
    reg  [7:0] why;
    reg  [2:0] place;      // in the head
    reg [15:0] step, offset, length;
    reg   [STEP-1:0] next_step;    // where the next record must begin
    reg [OFFSET-1:0] next_offset;
    reg   [OFFSET:0] stop;         // where it ends
    reg        far;        // outside the input
    reg        wrong;      // it does not begin where it must; its bytes are looked at, and go nowhere
    reg        reaches;    // the end of its step
    reg        is_last;    // the byte that comes is the record's last
    reg  [7:0] bits;       // of a byte, that are still to be set

    wire too_long = length[15:LEFT] != 0;
    wire has_bits = data != 8'd0;
    wire beyond = is_last && reaches && (data & BEYOND) != 8'd0;

    // The lowest bit that is set; the others come after it.
    wire [2:0] lowest = bits[0] ? 3'd0 : bits[1] ? 3'd1 : bits[2] ? 3'd2 : bits[3] ? 3'd3 :
                        bits[4] ? 3'd4 : bits[5] ? 3'd5 : bits[6] ? 3'd6 : 3'd7;
    reg  [7:0] others; // no register
    integer    i;
    always @* begin
        others[0] = 1'b0;
        for (i = 1; i < 8; i = i + 1) others[i] = bits[i] && (bits & (8'd255 >> (8 - i))) != 8'd0;
    end

    wire reads = go && there && !empty;

    assign take = reads && (state == HEAD || state == BYTES);
    assign done = go && state == HEAD && empty && place == 3'd0;
    assign item = state == ENDED && !wrong && !far;
    assign failed = state == FAILED;
    assign code = why;
    assign set = state == BITS;
    assign set_step = step;
    assign set_index = {offset[12:0], lowest};

    always @(posedge clk) begin
        case (state)
            HEAD: begin
                if (take) begin
                    {length, offset, step} <= {data, length, offset, step[15:8]};
                    place <= place + 3'd1;
                    if (place == 3'd5) state <= SUM;
                end else if (go && empty && place != 3'd0) begin
                    why <= `SPIKEC_ERROR_PAYLOAD;
                    state <= FAILED;
                end
            end
            SUM: begin
                place <= 3'd0;
                stop <= {1'b0, offset[OFFSET-1:0]} + {1'b0, length[OFFSET-1:0]};
                // What fits no register here is beyond both ends.
                far <= step[15:STEP] != 0 || step[STEP-1:0] >= STEPS[STEP-1:0] || offset[15:OFFSET] != 0 || length[15:OFFSET] != 0;
                wrong <= step[STEP-1:0] != next_step || offset[OFFSET-1:0] != next_offset;
                is_last <= length == 16'd1;
                state <= CHECK;
            end
            CHECK: begin
                far <= far || stop > WHOLE[OFFSET:0];
                reaches <= stop == WHOLE[OFFSET:0];
                why <= `SPIKEC_ERROR_PAYLOAD;
                state <= too_long ? FAILED : length[LEFT-1:0] == 0 ? ENDED : BYTES;
            end
            BYTES: begin
                bits <= data;
                if (take) begin
                    length[LEFT-1:0] <= length[LEFT-1:0] - 1;
                    is_last <= length == 16'd2;
                    if (beyond) far <= 1'b1;
                    if (!wrong && !far && has_bits && !beyond) state <= BITS;
                    else begin
                        offset[OFFSET-1:0] <= offset[OFFSET-1:0] + 1;
                        if (is_last) state <= ENDED;
                    end
                end else if (empty) state <= FAILED;
            end
            BITS: if (set_ready) begin
                bits <= others;
                if (others == 8'd0) begin
                    offset[OFFSET-1:0] <= offset[OFFSET-1:0] + 1;
                    state <= length[LEFT-1:0] == 0 ? ENDED : BYTES;
                end
            end
            ENDED: begin
                next_offset <= reaches ? 0 : offset[OFFSET-1:0];
                next_step <= step[STEP-1:0] + {{(STEP - 1) {1'b0}}, reaches};
                why <= far ? `SPIKEC_ERROR_RANGE : `SPIKEC_ERROR_STATE;
                state <= wrong || far ? FAILED : HEAD;
            end
            default: if (!go) state <= HEAD;
        endcase
        if (rst || begin_sample) begin
            state <= HEAD;
            place <= 3'd0;
            next_step <= 0;
            next_offset <= 0;
        end
    end
endmodule
