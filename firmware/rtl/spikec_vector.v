// spikec_vector.v: the double buffer between a layer and a dense layer behind it: one bank of its spikes, in registers.
//
// Spikes come in chunks, in order; a step has CHUNKS of them (with several, BANKS divides LANES). Reads as spikec_bank.v asks for them.
`default_nettype none
module spikec_vector #(
    parameter LANES = 256, // spikes of a chunk
    parameter CHUNKS = 1,
    parameter BANKS = 1,   // this one takes each BANKS-th spike,
    parameter BANK = 0,    // from this one on
    parameter WORDS = 8,
    parameter WIDTH = 32,
    parameter WORD = 3,    // bits of a word's number
    parameter DIRECT = 0   // 1: reads are answered in the same cycle
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             chunk_valid,
    input  wire [LANES-1:0] chunk,
    output wire             done,       // with the last chunk of a step: complete from the next cycle on
    input  wire             map_read,
    input  wire             map_slot,
    output wire [WORDS-1:0] map,
    input  wire             word_read,
    input  wire             word_slot,
    input  wire [WORD-1:0]  word_index,
    output wire [WIDTH-1:0] word
);
    localparam CHUNK = (LANES - BANK + BANKS - 1) / BANKS; // of them this bank's
    localparam SIZE = CHUNK * CHUNKS;
    localparam ROOM = WORDS * WIDTH, USED = SIZE < ROOM ? SIZE : ROOM; // the last chunk may have lanes without a neuron
    localparam COUNT = CHUNKS > 1 ? $clog2(CHUNKS) : 1;
    localparam [COUNT-1:0] LAST = CHUNKS[COUNT-1:0] - 1'b1;

    reg  [SIZE-1:0]  slot_0, slot_1;
    reg              filling;
    reg  [COUNT-1:0] place;

    assign done = chunk_valid && place == LAST;

    reg [CHUNK-1:0] ours; // no register
    integer k;
    always @* for (k = 0; k < CHUNK; k = k + 1) ours[k] = chunk[k*BANKS + BANK];

    integer i;
    always @(posedge clk) begin
        if (rst) begin
            filling <= 1'b0;
            place   <= {COUNT{1'b0}};
        end else if (chunk_valid) begin
            place <= place == LAST ? {COUNT{1'b0}} : place + 1'b1;
            if (place == LAST) filling <= !filling;
        end
        if (chunk_valid)
            for (i = 0; i < CHUNKS; i = i + 1)
                if (place == i[COUNT-1:0]) begin
                    if (filling) slot_1[i*CHUNK +: CHUNK] <= ours;
                    else slot_0[i*CHUNK +: CHUNK] <= ours;
                end
    end

    reg [ROOM-1:0] for_map, for_word; // no registers: what is read, with zeros behind it
    always @* begin
        for_map  = {ROOM{1'b0}};
        for_word = {ROOM{1'b0}};
        for_map[USED-1:0]  = map_slot ? slot_1[USED-1:0] : slot_0[USED-1:0];
        for_word[USED-1:0] = word_slot ? slot_1[USED-1:0] : slot_0[USED-1:0];
    end

    reg [WORDS-1:0] map_now;  // no register
    wire [WIDTH-1:0] word_now = for_word[word_index*WIDTH +: WIDTH];
    integer w;
    always @* for (w = 0; w < WORDS; w = w + 1) map_now[w] = |for_map[w*WIDTH +: WIDTH];
    generate
        if (DIRECT != 0) begin : direct
            assign map  = map_now;
            assign word = word_now;
            wire unused = &{1'b0, map_read, word_read};
        end else begin : answered_later
            reg [WORDS-1:0] map_q;
            reg [WIDTH-1:0] word_q;
            always @(posedge clk) begin
                if (map_read) map_q <= map_now;
                if (word_read) word_q <= word_now;
            end
            assign map  = map_q;
            assign word = word_q;
        end
    endgenerate
endmodule
`default_nettype wire
