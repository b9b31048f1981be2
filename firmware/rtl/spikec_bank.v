// spikec_bank.v: the scheduler of one bank of presynaptic neurons. Goes over the spikes of one step after the other, as
// many times as the layer takes turns, and gives one row of weights a cycle.
//
// Spikes lie in words, outside: reads are asked for here and answered in the next cycle, or at once (DIRECT). A map says
// which words are not empty. Words are fetched ahead, over the end of a step, so no cycle is lost while there are spikes.
// With BUFFERED the stages are kept apart by buffers: three cycles more from a step's beginning to its first row, and no path
// that goes through several of them. With SLOW words there is a register behind them, too, and one cycle more: block RAMs take
// most of a fast clock's cycle.
`default_nettype none
module spikec_bank #(
    parameter WORDS = 8,   // of a step
    parameter WIDTH = 32,  // bits of a word
    parameter WORD = 3,    // bits of a word's number
    parameter BIT = 5,     // bits of a place in a word
    parameter SLOTS = 2,   // steps that the memory holds
    parameter SLOT = 1,    // bits of a slot's number
    parameter TURNS = 1,   // passes over each step
    parameter TURN = 1,    // bits of a turn's number
    parameter COUNTED = 1, // 0: every slot is always filled
    parameter DIRECT = 0,  // 1: reads are answered in the same cycle
    parameter BUFFERED = 0, // 1: as many cycles more as a fast clock takes
    parameter SLOW = 0     // 1: and words come from a block RAM
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                go,         // level: slots may be begun
    input  wire [1:0]          filled,     // slots filled so far, modulo 4
    output wire                map_read,
    output wire                map_final,  // it is the slot's last turn
    output wire [SLOT-1:0]     map_slot,
    input  wire [WORDS-1:0]    map,
    output wire                word_read,
    output wire                word_final, // it is the slot's last word, in its last turn
    output wire [SLOT-1:0]     word_slot,
    output wire [WORD-1:0]     word_index,
    input  wire [WIDTH-1:0]    word,
    output wire                spike_valid,
    input  wire                spike_ready,
    output wire                spike_hit,  // 0: no spike in this pass at all
    output wire [WORD+BIT-1:0] spike_row,
    output wire                spike_last  // of this pass
);
    localparam [TURN-1:0] LAST_TURN = TURNS[TURN-1:0] - 1'b1;
    localparam [SLOT-1:0] LAST_SLOT = SLOTS[SLOT-1:0] - 1'b1;

    // --- which pass comes next ---
    reg  [SLOT-1:0] slot;
    reg  [TURN-1:0] turn;
    reg  [1:0]      begun;
    wire            there = go && (COUNTED == 0 || begun != filled);

    assign map_final = turn == LAST_TURN;
    assign map_slot  = slot;

    always @(posedge clk) begin
        if (rst) begin
            slot  <= {SLOT{1'b0}};
            turn  <= {TURN{1'b0}};
            begun <= 2'd0;
        end else if (map_read) begin
            turn <= map_final ? {TURN{1'b0}} : turn + 1'b1;
            if (map_final) begin
                slot  <= slot == LAST_SLOT ? {SLOT{1'b0}} : slot + 1'b1;
                begun <= begun + 2'd1;
            end
        end
    end

    // --- words that hold a spike, then spikes in a word ---
    localparam FOUND = WORD + SLOT + 3, TAKEN = WORD + WIDTH + 1, SPIKE = WORD + BIT + 2;
    wire            pass_valid, pass_ready, pass_final;
    wire [SLOT-1:0] pass_slot;
    wire            found, found_ready, found_hit, found_last, found_final;
    wire            word_valid, word_ready, word_hit, word_last;
    wire [WORD-1:0] word_of;

    // What each stage gives, before the buffer and behind it.
    wire             found_first, found_gone, taken, taken_gone, spike_first, spike_gone;
    wire [FOUND-1:0] found_there;
    wire [TAKEN-1:0] taken_there;
    wire [SPIKE-1:0] spike_there;

    spikec_scan #(.WIDTH(WORDS), .INDEX(WORD), .TAG(SLOT + 1)) find_words (
        .clk(clk), .rst(rst),
        .in_valid(pass_valid), .in_ready(pass_ready), .in_bits(map), .in_tag({pass_final, pass_slot}), .in_last(1'b1),
        .out_valid(found_first), .out_ready(found_gone), .out_hit(found_there[FOUND-1]), .out_last(found_there[FOUND-2]),
        .out_tag(found_there[WORD +: SLOT + 1]), .out_index(found_there[WORD-1:0])
    );
    assign word_read  = found && found_ready;
    assign word_final = found_last && found_final;

    spikec_scan #(.WIDTH(WIDTH), .INDEX(BIT), .TAG(WORD)) find_spikes (
        .clk(clk), .rst(rst),
        .in_valid(taken), .in_ready(taken_gone), .in_bits(taken_there[WIDTH-1:0]), .in_tag(taken_there[WIDTH +: WORD]),
        .in_last(taken_there[TAKEN-1]),
        .out_valid(spike_first), .out_ready(spike_gone), .out_hit(spike_there[SPIKE-1]), .out_last(spike_there[SPIKE-2]),
        .out_tag(spike_there[BIT +: WORD]), .out_index(spike_there[BIT-1:0])
    );

    // A word that was read: at once, or from a register behind the memory.
    wire             held_valid, held_ready, held_hit;
    wire [TAKEN-1:0] held;
    generate
        if (BUFFERED != 0 && SLOW != 0) begin : slow
            reg             there_now, hit_now;
            reg [TAKEN-1:0] now;
            assign word_ready = !there_now || held_ready;
            assign {held_valid, held_hit, held} = {there_now, hit_now, now};
            always @(posedge clk) begin
                if (word_ready) {hit_now, now} <= {word_hit, word_last, word_of, word};
                if (rst) there_now <= 1'b0;
                else if (word_ready) there_now <= word_valid;
            end
        end else begin : fast
            assign word_ready = held_ready;
            assign {held_valid, held_hit, held} = {word_valid, word_hit, word_last, word_of, word};
        end
    endgenerate

    wire [TAKEN-1:0] word_here = {held[TAKEN-1:WIDTH], held[WIDTH-1:0] & {WIDTH{held_hit}}};
    generate
        if (BUFFERED != 0) begin : buffered
            spikec_buffer #(.WIDTH(FOUND)) words (
                .clk(clk), .rst(rst), .in_valid(found_first), .in_ready(found_gone), .in_data(found_there),
                .out_valid(found), .out_ready(found_ready), .out_data({found_hit, found_last, found_final, word_slot, word_index})
            );
            spikec_buffer #(.WIDTH(TAKEN)) contents (
                .clk(clk), .rst(rst), .in_valid(held_valid), .in_ready(held_ready), .in_data(word_here),
                .out_valid(taken), .out_ready(taken_gone), .out_data(taken_there)
            );
            spikec_buffer #(.WIDTH(SPIKE)) spikes (
                .clk(clk), .rst(rst), .in_valid(spike_first), .in_ready(spike_gone), .in_data(spike_there),
                .out_valid(spike_valid), .out_ready(spike_ready), .out_data({spike_hit, spike_last, spike_row})
            );
        end else begin : at_once
            assign {found, found_gone} = {found_first, found_ready};
            assign {found_hit, found_last, found_final, word_slot, word_index} = found_there;
            assign {taken, held_ready, taken_there} = {held_valid, taken_gone, word_here};
            assign {spike_valid, spike_gone} = {spike_first, spike_ready};
            assign {spike_hit, spike_last, spike_row} = spike_there;
        end
    endgenerate

    generate
        if (DIRECT != 0) begin : direct
            assign map_read    = there && pass_ready;
            assign pass_valid  = there;
            assign pass_slot   = slot;
            assign pass_final  = map_final;
            assign found_ready = word_ready;
            assign word_valid  = found;
            assign word_hit    = found_hit;
            assign word_last   = found_last;
            assign word_of     = word_index;
        end else begin : answered_later
            reg            map_valid, map_was_final, valid, hit, last;
            reg [SLOT-1:0] map_of;
            reg [WORD-1:0] of;
            always @(posedge clk) begin
                if (rst) begin
                    map_valid <= 1'b0;
                    valid     <= 1'b0;
                end else begin
                    if (map_read) map_valid <= 1'b1;
                    else if (pass_ready) map_valid <= 1'b0;
                    if (found_ready) valid <= found;
                end
                if (map_read) begin
                    map_of        <= slot;
                    map_was_final <= map_final;
                end
                if (found_ready) begin
                    hit  <= found_hit;
                    last <= found_last;
                    of   <= word_index;
                end
            end
            assign map_read    = there && (!map_valid || pass_ready);
            assign pass_valid  = map_valid;
            assign pass_slot   = map_of;
            assign pass_final  = map_was_final;
            assign found_ready = !valid || word_ready;
            assign word_valid  = valid;
            assign word_hit    = hit;
            assign word_last   = last;
            assign word_of     = of;
        end
    endgenerate
endmodule
`default_nettype wire
