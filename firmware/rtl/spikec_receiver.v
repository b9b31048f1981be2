// spikec_receiver.v: bytes of the line to whole, sound frames (SPEC.md, "Frames"), which wait here until they are taken.
//
// One ring of memory is both the line's buffer and the frames' place: a frame is decoded into it, behind those that wait,
// and counts as there when its checksum is right; if it is not, the next one is written over it. A frame stands in the ring
// as two bytes of payload length, then its body: version, type, sequence, payload, checksum. That is no more than it
// takes on the line. When the ring is full, bytes of the line have to wait.
module spikec_receiver #(
    parameter MAX_PAYLOAD = 1024,
    parameter RX_BYTES = 4096     // of the ring: a power of two, at least MAX_PAYLOAD + 32
) (
    input            clk,
    input            rst,
    input            rx_valid,
    input      [7:0] rx_data,
    output           rx_ready,
    output reg       there,    // `head` is the next byte of the frames that have come
    output reg [7:0] head,
    input            take,
    output           busy      // a frame is there, or will be without another byte
);
    localparam ADDRESS = $clog2(RX_BYTES);
    localparam COUNT = $clog2(MAX_PAYLOAD + 1) + 1;
    localparam [COUNT-1:0] OVERHEAD = 8;     // header and checksum
    localparam [31:0] SOUND = 32'hDEBB20E3;  // what the checksum of a frame with its checksum comes to

    localparam TAKE = 3'd0, LOW = 3'd1, HIGH = 3'd2, BEHIND = 3'd3, GAP = 3'd4, GAP_ENDS = 3'd5;

    // What is being written is never read: no tool needs to care for that case.
    (* no_rw_check *) reg [7:0] ring[0:RX_BYTES-1];
    reg [ADDRESS-1:0] front;  // the byte that is fetched next
    reg [ADDRESS-1:0] start;  // where the frame in work starts: those before it are there
    reg [ADDRESS-1:0] at;     // its next byte; the two change places while its length is written
    reg full;

    // ---- from the line into the ring --------------------------------------------------------------------------------
    reg [2:0] state;
    reg [COUNT-1:0] length;   // of its payload; it begins below zero, with the overhead
    reg [7:0] left;           // bytes of the COBS block that are still to come
    reg zero;                 // the block stands for a zero byte, unless the frame ends with it
    reg bad;                  // it is too long: drop what comes until the delimiter
    reg [31:0] crc;

    assign rx_ready = state == TAKE && !full;

    wire accept = rx_valid && rx_ready;
    wire delimiter = rx_data == 8'd0;
    wire in_block = left != 8'd0;
    wire [7:0] decoded = in_block ? rx_data : 8'd0;
    wire decodes = accept && !delimiter && (in_block || zero);
    wire fits = length != MAX_PAYLOAD[COUNT-1:0];
    wire sound = !bad && !in_block && !length[COUNT-1] && crc == SOUND;

    wire [31:0] crc_after;
    spikec_crc32 checksum (.crc(crc), .data(decoded), .next(crc_after));

    wire [15:0] length_bytes = {{(16 - COUNT) {1'b0}}, length};
    wire writes_length = state == LOW || state == HIGH;
    wire write = (decodes && fits) || writes_length;
    wire [7:0] written = state == LOW ? length_bytes[7:0] : state == HIGH ? length_bytes[15:8] : decoded;

    // Full is when the eight bytes behind the one in work are those of the front: a byte may come before that is seen, and
    // two are left out for a length.
    wire [ADDRESS-4:0] next_eight = at[ADDRESS-1:3] + 1;

    always @(posedge clk) if (write) ring[at] <= written;

    always @(posedge clk) begin
        full <= next_eight == front[ADDRESS-1:3];
        if (write || state == GAP || state == GAP_ENDS) at <= at + 1;

        case (state)
            TAKE: if (accept) begin
                if (decodes) begin
                    if (fits) length <= length + 1;
                    else bad <= 1'b1;
                    crc <= crc_after;
                end
                left <= (in_block ? left : rx_data) - 8'd1;
                if (!in_block) zero <= rx_data != 8'hFF;
                if (delimiter) begin
                    left <= 8'd0;
                    at <= start;
                    if (sound) start <= at;
                    state <= sound ? LOW : GAP;
                end
            end
            LOW: state <= HIGH;
            HIGH: state <= BEHIND;
            BEHIND: begin
                at <= start;
                state <= GAP;
            end
            GAP: state <= GAP_ENDS;
            default: begin
                state <= TAKE;
                length <= -OVERHEAD;
                zero <= 1'b0;
                bad <= 1'b0;
                crc <= 32'hFFFFFFFF;
            end
        endcase

        if (rst) begin
            start <= 0;
            at <= 0;
            full <= 1'b0;
            left <= 8'd0;
            state <= GAP;
        end
    end

    // ---- out of the ring: the memory is slow, so a byte goes through two registers ----------------------------------
    reg [7:0] fetched;
    reg       fetched_there;

    wire moves = !there || take;
    wire fetch = (!fetched_there || moves) && front != start && !writes_length;

    assign busy = state != TAKE || front != start || fetched_there || there;

    always @(posedge clk) begin
        if (fetch) fetched <= ring[front];
        if (moves) head <= fetched;
    end

    always @(posedge clk) begin
        if (fetch) front <= front + 1;
        if (fetch || moves) fetched_there <= fetch;
        if (moves) there <= fetched_there;
        if (rst) begin
            front <= 0;
            fetched_there <= 1'b0;
            there <= 1'b0;
        end
    end
endmodule
