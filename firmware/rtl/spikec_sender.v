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
    // the greeting's text: `memory` is its byte `text_place` while `text_there`
    input  [PLACE-1:0] text_place,
    input              text_take,   // it is taken, and `text_place` moves on
    output reg         text_there,
    output reg [7:0]   memory,
    // the line
    output             tx_valid,
    output     [7:0]   tx_data,
    input              tx_ready,
    output             busy
);
    localparam ADDRESS = (PLACE > 8 ? PLACE : 8) + 1;
    localparam [ADDRESS-1:0] TEXT = {1'b1, {(ADDRESS - 1) {1'b0}}};

    localparam GATHER = 2'd0, CODE = 2'd1, BLOCK = 2'd2, DELIMITER = 2'd3;

    reg [7:0] store[0:(1<<ADDRESS)-1];
    initial $readmemh(GREETING_FILE, store, 1 << (ADDRESS - 1), (1 << (ADDRESS - 1)) + GREETING_BYTES - 1);

    reg [1:0]  state;
    reg [7:0]  count;    // bytes in the block: up to 254
    reg [7:0]  place;    // the one that is on its way
    reg [2:0]  tail;     // 0: the body, 1 to 4: bytes of the checksum, 5: all is there
    reg        closing;  // the block is the frame's last
    reg [31:0] crc;

    wire [31:0] crc_after;
    spikec_crc32 checksum (.crc(crc), .data(data), .next(crc_after));

    wire       in_body = tail == 3'd0;
    wire       all = tail == 3'd5;
    wire       fits = count != 8'd254;
    wire [7:0] next = in_body ? data : ~crc[7:0];
    wire       accept = state == GATHER && fits && !all && (valid || !in_body);
    wire       sent = tx_valid && tx_ready;
    wire [7:0] place_after = place + (state == BLOCK && sent ? 8'd1 : 8'd0);

    assign ready = state == GATHER && fits && in_body;
    assign busy = state != GATHER || !in_body || count != 8'd0;
    assign tx_valid = state != GATHER;
    assign tx_data = state == CODE ? count + 8'd1 : state == BLOCK ? memory : 8'd0;

    always @(posedge clk) begin
        if (accept) store[{{(ADDRESS - 8) {1'b0}}, count}] <= next;
        memory <= store[state == GATHER ? TEXT | {{(ADDRESS - PLACE) {1'b0}}, text_place}
                                        : {{(ADDRESS - 8) {1'b0}}, place_after}];
        text_there <= state == GATHER && !text_take;
    end

    always @(posedge clk) begin
        place <= place_after;
        case (state)
            GATHER: begin
                place <= 8'd0;
                if (accept) begin
                    if (next == 8'd0) state <= CODE;
                    else count <= count + 8'd1;
                    crc <= in_body ? crc_after : {8'hFF, crc[31:8]};
                    if (last || !in_body) tail <= tail + 3'd1;
                end else if (all || !fits) begin
                    state <= CODE;
                    closing <= all;
                end
            end
            CODE: if (sent) state <= count != 8'd0 ? BLOCK : closing ? DELIMITER : GATHER;
            BLOCK: if (sent && place_after == count) state <= closing ? DELIMITER : GATHER;
            default: if (sent) begin
                state <= GATHER;
                tail <= 3'd0;
                closing <= 1'b0;
                crc <= 32'hFFFFFFFF;
            end
        endcase
        // A block that has been sent leaves room for the next.
        if (sent && (state == DELIMITER || (state == BLOCK && place_after == count))) count <= 8'd0;

        if (rst) begin
            state <= GATHER;
            count <= 8'd0;
            tail <= 3'd0;
            closing <= 1'b0;
            crc <= 32'hFFFFFFFF;
        end
    end
endmodule
