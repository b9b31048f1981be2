// spikec_receiver.v: bytes of the line to whole, sound frames (SPEC.md, "Frames"), which wait here until they are taken.
//
// One ring of memory is both the line's buffer and the frames' place: a frame is decoded into it, behind those that wait,
// and counts as there when its checksum is right; if it is not, the next one is written over it. A frame stands in the ring
// as two bytes of payload length, then version, type, sequence (two bytes) and payload; its checksum is not kept.
// When the ring is full, bytes of the line have to wait.
module spikec_receiver #(
    parameter MAX_PAYLOAD = 1024,
    parameter RX_BYTES = 4096     // of the ring: a power of two, more than MAX_PAYLOAD + 16
) (
    input            clk,
    input            rst,
    input            rx_valid,
    input      [7:0] rx_data,
    output           rx_ready,
    output           waiting,  // a frame is there, or the rest of the one that is being taken
    output reg [7:0] head,     // its next byte
    input            take
);
    localparam ADDRESS = $clog2(RX_BYTES);
    localparam COUNT = $clog2(MAX_PAYLOAD + 1) + 1;
    localparam [COUNT-1:0] OVERHEAD = 8;     // header and checksum
    localparam [31:0] SOUND = 32'hDEBB20E3;  // what the checksum of a frame with its checksum comes to

    localparam TAKE = 2'd0, LOW = 2'd1, HIGH = 2'd2;

    reg [7:0] ring[0:RX_BYTES-1];
    reg [ADDRESS-1:0] front;  // the byte that is taken next
    reg [ADDRESS-1:0] start;  // the frame in work: its length will stand here
    reg [ADDRESS-1:0] at;     // its next byte
    reg [ADDRESS-1:0] stop;   // where it ends, when it is whole
    reg full;

    reg [1:0] state;
    reg [COUNT-1:0] length;   // of its payload; it begins below zero, with the overhead
    reg [7:0] left;           // bytes of the COBS block that are still to come
    reg zero;                 // the block stands for a zero byte, unless the frame ends with it
    reg bad;                  // it is too long: drop what comes until the delimiter
    reg [31:0] crc;

    wire accept = rx_valid && rx_ready;
    wire delimiter = rx_data == 8'd0;
    wire in_block = left != 8'd0;
    wire [7:0] decoded = in_block ? rx_data : 8'd0;
    wire decodes = accept && !delimiter && (in_block || zero);
    wire fits = length != MAX_PAYLOAD[COUNT-1:0];
    wire sound = !bad && !in_block && !length[COUNT-1] && crc == SOUND;

    wire [31:0] crc_after;
    spikec_crc32 checksum (.crc(crc), .data(decoded), .next(crc_after));

    assign rx_ready = state == TAKE && !full;
    assign waiting = front != start;

    wire [15:0] length_bytes = {{(16 - COUNT) {1'b0}}, length};
    wire write = (decodes && fits) || state != TAKE;
    wire [7:0] written = state == LOW ? length_bytes[7:0] : state == HIGH ? length_bytes[15:8] : decoded;
    wire [ADDRESS-1:0] front_after = front + {{(ADDRESS - 1) {1'b0}}, take};  // in its own width: it wraps
    wire [ADDRESS-1:0] room = front - at - 1;

    always @(posedge clk) begin
        if (write) ring[at] <= written;
        head <= ring[front_after];
    end

    always @(posedge clk) begin
        front <= front_after;
        full <= room < 2;  // `at` may have moved by one since: so many bytes are kept free
        if (write) at <= at + 1;

        case (state)
            LOW: state <= HIGH;
            HIGH: begin
                state <= TAKE;
                start <= stop;
                at <= stop + 2;
                length <= -OVERHEAD;
            end
            default: if (accept) begin
                if (delimiter) begin
                    left <= 8'd0;
                    zero <= 1'b0;
                    bad <= 1'b0;
                    crc <= 32'hFFFFFFFF;
                    stop <= at - 4;
                    if (sound) begin
                        state <= LOW;
                        at <= start;
                    end else begin
                        at <= start + 2;
                        length <= -OVERHEAD;
                    end
                end else if (in_block) begin
                    left <= left - 8'd1;
                end else begin
                    left <= rx_data - 8'd1;
                    zero <= rx_data != 8'hFF;
                end
                if (decodes) begin
                    if (fits) length <= length + 1;
                    else bad <= 1'b1;
                    crc <= crc_after;
                end
            end
        endcase

        if (rst) begin
            front <= 0;
            start <= 0;
            at <= 2;
            full <= 1'b0;
            state <= TAKE;
            length <= -OVERHEAD;
            left <= 8'd0;
            zero <= 1'b0;
            bad <= 1'b0;
            crc <= 32'hFFFFFFFF;
        end
    end
endmodule
