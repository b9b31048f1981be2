// spikec_records.v: the payload of FRAMES to input spikes: records of a step's packed spike vector.
`include "spikec_protocol.vh"

module spikec_records #(
    parameter STEPS = 16,
    parameter INPUTS = 1156,
    parameter LEFT = 11           // bits of `left`
) (
    input             clk,
    input             rst,
    input             begin_sample,  // the next record is the first
    input             go,            // a payload is there, until `done` or `failed`
    input       [7:0] data,
    input  [LEFT-1:0] left,          // bytes of it that are left
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

    localparam HEAD = 3'd0, CHECK = 3'd1, BYTES = 3'd2, BITS = 3'd3, ENDED = 3'd4, FAILED = 3'd5;

    reg  [2:0] state;
    reg  [7:0] why;
    reg  [2:0] place;      // in the head
    reg [15:0] step, offset, length;
    reg [15:0] next_step, next_offset;  // where the next record must begin
    reg        wrong;      // it does not begin there; its bytes are looked at, and go nowhere
    reg        reaches;    // the end of its step
    reg  [7:0] bits;       // of a byte, that are still to be set

    wire empty = left == 0;
    wire [16:0] stop = {1'b0, offset} + {1'b0, length};
    wire [15:0] payload_left = {{(16 - LEFT) {1'b0}}, left};

    // The lowest bit that is set; the others come after it.
    wire [2:0] lowest = bits[0] ? 3'd0 : bits[1] ? 3'd1 : bits[2] ? 3'd2 : bits[3] ? 3'd3 :
                        bits[4] ? 3'd4 : bits[5] ? 3'd5 : bits[6] ? 3'd6 : 3'd7;
    wire [7:0] others = bits & (bits - 8'd1);

    assign take = go && !empty && (state == HEAD || (state == BYTES && length != 16'd0));
    assign done = go && state == HEAD && empty && place == 3'd0;
    assign item = state == ENDED && !wrong;
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
                    if (place == 3'd5) state <= CHECK;
                end else if (go && place != 3'd0) begin
                    why <= `SPIKEC_ERROR_PAYLOAD;
                    state <= FAILED;
                end
            end
            CHECK: begin
                place <= 3'd0;
                wrong <= step != next_step || offset != next_offset;
                reaches <= stop == WHOLE[16:0];
                why <= length > payload_left ? `SPIKEC_ERROR_PAYLOAD : `SPIKEC_ERROR_RANGE;
                state <= length > payload_left || step >= STEPS[15:0] || stop > WHOLE[16:0] ? FAILED : BYTES;
            end
            BYTES: begin
                bits <= data;
                if (length == 16'd0) state <= ENDED;
                else begin
                    length <= length - 16'd1;
                    if (length == 16'd1 && reaches && (data & BEYOND) != 8'd0) state <= FAILED;
                    else if (!wrong && data != 8'd0) state <= BITS;
                    else offset <= offset + 16'd1;
                end
            end
            BITS: if (set_ready) begin
                bits <= others;
                if (others == 8'd0) begin
                    offset <= offset + 16'd1;
                    state <= BYTES;
                end
            end
            ENDED: begin
                next_offset <= reaches ? 16'd0 : offset;
                next_step <= reaches ? step + 16'd1 : step;
                why <= `SPIKEC_ERROR_STATE;
                state <= wrong ? FAILED : HEAD;
            end
            default: if (!go) state <= HEAD;
        endcase
        if (rst || begin_sample) begin
            state <= HEAD;
            place <= 3'd0;
            next_step <= 16'd0;
            next_offset <= 16'd0;
        end
    end
endmodule
