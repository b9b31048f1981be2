// spikec_sender.v: the bodies of frames to bytes of the line: checksum, COBS, delimiter (SPEC.md, "Frames").
//
// COBS says a block's length before the block, so a block is gathered in memory first. The block takes the lower half of a
// memory; the upper half holds the text of the greeting, because small FPGAs have no memory to spare for that.
module spikec_sender #(
    parameter GREETING_FILE = "greeting.hex",
    parameter GREETING_BYTES = 128,
    parameter PLACE = $clog2(GREETING_BYTES)  // bits of a place in the greeting
) (
    input              clk,
    input              rst,
    // the body of a frame, without its checksum
    input              valid,
    input      [7:0]   data,
    input              last,
    output             ready,
    // the greeting: `text` is its byte `text_place` while `text_there`
    input  [PLACE-1:0] text_place,
    input              text_take,   // it is taken, and `text_place` moves on
    output             text_there,
    output     [7:0]   text,
    // the line
    output reg         tx_valid,
    output reg [7:0]   tx_data,
    input              tx_ready,
    output             busy
);
    localparam ADDRESS = (PLACE > 8 ? PLACE : 8) + 1;
    localparam TEXT = 1 << (ADDRESS - 1);

    localparam GATHER = 3'd0, CODE = 3'd1, FETCH = 3'd2, FETCHED = 3'd3, PUT = 3'd4, DELIMITER = 3'd5;

    // What is being written is never read: no tool needs to care for that case.
    (* no_rw_check *) reg [7:0] store[0:2*TEXT-1];
    initial $readmemh(GREETING_FILE, store, TEXT, TEXT + GREETING_BYTES - 1);

    reg [2:0]  state;
    reg [7:0]  count;    // bytes in the block: up to 254
    reg [7:0]  place;    // the one that is sent next
    reg [2:0]  tail;     // 0: the body, 1 to 4: bytes of the checksum, 5: all is there
    reg        closing;  // the block is the frame's last
    reg [31:0] crc;
    reg [7:0]  fetched, stored;  // the memory is slow, so a byte goes through two registers
    reg [1:0]  text_age;

    wire       gathers = state == GATHER;
    wire       in_body = tail == 3'd0;
    wire       all = tail == 3'd5;
    reg        fits;     // the block is not full
    wire [7:0] next = in_body ? data : ~crc[7:0];
    wire [31:0] crc_after;  // its own lowest byte shifts it out
    spikec_crc32 checksum (.crc(crc), .data(in_body ? data : crc[7:0]), .next(crc_after));

    wire       accept = gathers && fits && !all && (valid || !in_body);
    wire       free = !tx_valid || tx_ready;

    assign ready = gathers && fits && in_body;
    assign busy = !gathers || !in_body || count != 8'd0 || tx_valid;
    assign text = stored;
    assign text_there = text_age == 2'd2;

    always @(posedge clk) begin
        if (accept) store[{{(ADDRESS - 8) {1'b0}}, count}] <= next;
        fetched <= store[gathers ? {1'b1, {(ADDRESS - 1 - PLACE) {1'b0}}, text_place}
                                 : {{(ADDRESS - 8) {1'b0}}, place}];
        stored <= fetched;
    end

    always @(posedge clk) begin
        text_age <= !gathers || text_take ? 2'd0 : text_there ? 2'd2 : text_age + 2'd1;
        if (tx_ready) tx_valid <= 1'b0;

        case (state)
            GATHER: begin
                place <= 8'd0;
                if (accept) begin
                    if (next == 8'd0) state <= CODE;
                    else begin
                        count <= count + 8'd1;
                        fits  <= count != 8'd253;
                    end
                    crc <= crc_after;
                    if (last || !in_body) tail <= tail + 3'd1;
                end else if (all || !fits) begin
                    state <= CODE;
                    closing <= all;
                end
            end
            CODE: if (free) begin
                tx_valid <= 1'b1;
                tx_data <= count + 8'd1;
                state <= FETCH;
            end
            FETCH: begin
                state <= FETCHED;
                if (place == count) begin
                    count <= 8'd0;
                    fits  <= 1'b1;
                    state <= closing ? DELIMITER : GATHER;
                end
            end
            FETCHED: state <= PUT;
            PUT: if (free) begin
                place <= place + 8'd1;
                tx_valid <= 1'b1;
                tx_data <= stored;
                state <= FETCH;
            end
            default: if (free) begin
                tx_valid <= 1'b1;
                tx_data <= 8'd0;
                state <= GATHER;
                tail <= 3'd0;
                closing <= 1'b0;
                crc <= 32'hFFFFFFFF;
            end
        endcase

        if (rst) begin
            state <= GATHER;
            count <= 8'd0;
            fits <= 1'b1;
            tail <= 3'd0;
            closing <= 1'b0;
            crc <= 32'hFFFFFFFF;
            text_age <= 2'd0;
            tx_valid <= 1'b0;
        end
    end
endmodule
