// bank.v: one bank's scheduler, spikec_bank.v, with what lies before it: the input of a sample, or (LINKED) a layer's double
// buffer and handshake. The layer before and the one that takes the spikes may do what they like, within their contracts.
// Every spike of every step comes out once in every turn, in order, and nothing else does.
`include "inside.vh"
`default_nettype none
module bank #(
    parameter LINKED = 1,
    parameter DIRECT = 1,
    parameter TURNS = 1,
    parameter CHUNKS = 1,
    parameter WORDS = 2,
    parameter WIDTH = 4,
    parameter WORD = 1,
    parameter BIT = 2
) (
    input wire                          clk,
    input wire                          go,
    input wire                          slot_taken,
    input wire                          chunk_valid,
    input wire [WORDS*WIDTH/CHUNKS-1:0] chunk,
    input wire                          spike_ready
);
    localparam SIZE = WORDS * WIDTH, CHUNK = SIZE / CHUNKS;
    localparam SLOTS = LINKED != 0 ? 2 : 3, SLOT = LINKED != 0 ? 1 : 2;
    localparam [0:0] LAST_TURN = TURNS - 1;
    localparam [SLOT-1:0] LAST_SLOT = SLOTS - 1;

    reg fresh = 1'b1;
    always @(posedge clk) fresh <= 1'b0;

    // --- the scheduler, and what is in it ---
    wire             map_read, map_final, word_read, word_final, spike_valid, spike_hit, spike_last;
    wire [SLOT-1:0]  map_slot, word_slot;
    wire [WORDS-1:0] map;
    wire [WORD-1:0]  word_index;
    wire [WIDTH-1:0] word;
    wire [WORD+BIT-1:0] spike_row;
    wire [1:0]       filled;
    spikec_bank #(
        .WORDS(WORDS), .WIDTH(WIDTH), .WORD(WORD), .BIT(BIT), .SLOTS(SLOTS), .SLOT(SLOT), .TURNS(TURNS), .TURN(1),
        .COUNTED(LINKED), .DIRECT(DIRECT)
    ) dut (
        .clk(clk), .rst(fresh), .go(LINKED != 0 || go), .filled(filled),
        .map_read(map_read), .map_final(map_final), .map_slot(map_slot), .map(map), .word_read(word_read),
        .word_final(word_final), .word_slot(word_slot), .word_index(word_index), .word(word), .spike_valid(spike_valid),
        .spike_ready(spike_ready), .spike_hit(spike_hit), .spike_row(spike_row), .spike_last(spike_last)
    );
    (* hierconn *) wire [SLOT-1:0]  \dut.slot ;
    (* hierconn *) wire             \dut.turn ;
    (* hierconn *) wire [1:0]       \dut.begun ;
    (* hierconn *) wire             \dut.pass_valid ;
    (* hierconn *) wire             \dut.pass_final ;
    (* hierconn *) wire [SLOT-1:0]  \dut.pass_slot ;
    (* hierconn *) wire             \dut.find_words.valid ;
    (* hierconn *) wire             \dut.find_words.last ;
    (* hierconn *) wire [SLOT:0]    \dut.find_words.tag ;
    (* hierconn *) wire [WORDS-1:0] \dut.find_words.bits ;
    (* hierconn *) wire [WORDS-1:0] \dut.find_words.rest ;
    (* hierconn *) wire             \dut.found ;
    (* hierconn *) wire             \dut.found_hit ;
    (* hierconn *) wire             \dut.found_last ;
    (* hierconn *) wire             \dut.found_final ;
    (* hierconn *) wire             \dut.word_valid ;
    (* hierconn *) wire             \dut.word_hit ;
    (* hierconn *) wire             \dut.word_last ;
    (* hierconn *) wire [WORD-1:0]  \dut.word_of ;
    (* hierconn *) wire             \dut.find_spikes.valid ;
    (* hierconn *) wire             \dut.find_spikes.last ;
    (* hierconn *) wire [WORD-1:0]  \dut.find_spikes.tag ;
    (* hierconn *) wire [WIDTH-1:0] \dut.find_spikes.bits ;
    (* hierconn *) wire [WIDTH-1:0] \dut.find_spikes.rest ;

    // --- what has come out: steps, turns, and the spikes of the pass that is under way ---
    reg  [1:0]      at;
    reg  [SLOT-1:0] at_slot;
    reg             at_turn;
    reg  [SIZE-1:0] seen;
    wire            give  = spike_valid && spike_ready;
    wire            ended = give && spike_last && at_turn == LAST_TURN;
    reg             fetched; // spikec_issue.v tells it a cycle later
    always @(posedge clk)
        if (fresh) begin
            at      <= 2'd0;
            at_slot <= {SLOT{1'b0}};
            at_turn <= 1'b0;
            seen    <= {SIZE{1'b0}};
            fetched <= 1'b0;
        end else begin
            fetched <= ended;
            if (give) seen <= spike_last ? {SIZE{1'b0}} : seen | ({{(SIZE - 1){1'b0}}, spike_hit} << spike_row);
            if (give && spike_last) at_turn <= at_turn == LAST_TURN ? 1'b0 : at_turn + 1'b1;
            if (ended) at <= at + 2'd1;
            if (ended) at_slot <= at_slot == LAST_SLOT ? {SLOT{1'b0}} : at_slot + 1'b1;
        end

    // --- where the spikes come from; `steps` says what each slot holds ---
    wire [4*SIZE-1:0] steps;
    wire [1:0]        readable; // steps that are there and have not come out: of interest when LINKED
    generate
        if (LINKED != 0) begin : linked
            wire room, done;
            spikec_handshake handshake (
                .clk(clk), .rst(fresh), .slot_taken(slot_taken), .done(done), .data_fetched(fetched), .room(room), .filled(filled)
            );
            spikec_vector #(.LANES(CHUNK), .CHUNKS(CHUNKS), .WORDS(WORDS), .WIDTH(WIDTH), .WORD(WORD), .DIRECT(DIRECT)) vector (
                .clk(clk), .rst(fresh), .chunk_valid(chunk_valid), .chunk(chunk), .done(done), .map_read(map_read),
                .map_slot(map_slot), .map(map), .word_read(word_read), .word_slot(word_slot), .word_index(word_index), .word(word)
            );
            // The layer before: it takes slots where there is room, and writes chunks into slots that it took, in turn.
            reg [1:0]        writing, written; // slots of its own; steps that it has ended, modulo 4
            reg              second;           // the next chunk is the step's second
            reg [SIZE-1:0]   even, odd;        // what it has written
            wire             ends = chunk_valid && (CHUNKS == 1 || second);
            wire [2*SIZE-1:0] buffers = {odd, even};
            always @(posedge clk)
                if (fresh) begin
                    writing <= 2'd0;
                    written <= 2'd0;
                    second  <= 1'b0;
                end else begin
                    writing <= writing + {1'b0, slot_taken} - {1'b0, ends};
                    written <= written + {1'b0, ends};
                    if (chunk_valid) second <= CHUNKS > 1 && !second;
                    if (chunk_valid && !written[0]) even[second*CHUNK +: CHUNK] <= chunk;
                    if (chunk_valid && written[0]) odd[second*CHUNK +: CHUNK] <= chunk;
                end
            assign readable = written - at;
            assign steps    = {2{buffers}};
            (* hierconn *) wire [1:0]      \handshake.taken ;
            (* hierconn *) wire            \vector.filling ;
            (* hierconn *) wire            \vector.place ;
            (* hierconn *) wire [SIZE-1:0] \vector.slot_0 ;
            (* hierconn *) wire [SIZE-1:0] \vector.slot_1 ;
            wire even_there = readable == 2'd2 || (readable == 2'd1 && !at[0]);
            wire odd_there  = readable == 2'd2 || (readable == 2'd1 && at[0]);
            always @*
                if (!fresh) begin
                    assume (!slot_taken || room);
                    assume (!chunk_valid || writing != 2'd0);
                    assert ({1'b0, writing} + {1'b0, readable} + fetched <= 3'd2); // nothing is written over
                    assert (room || writing != 2'd0 || readable != 2'd0 || fetched); // someone can always go on
                    assert (filled == written && done == ends);
                    `INSIDE (\handshake.taken == writing + readable + fetched && at_slot == at[0]);
                    `INSIDE (\vector.filling == written[0] && \vector.place == second && (!second || (CHUNKS > 1 && writing != 2'd0)));
                    `INSIDE (!even_there || \vector.slot_0 == even);
                    `INSIDE (!odd_there || \vector.slot_1 == odd);
                    `INSIDE (!second || (written[0] ? \vector.slot_1 [CHUNK-1:0] == odd[CHUNK-1:0] : \vector.slot_0 [CHUNK-1:0] == even[CHUNK-1:0]));
                end
        end else begin : alone
            // A sample lies still while it runs. Reads are answered as spikec_memory.v does.
            (* anyconst *) reg [3*SIZE-1:0] sample;
            assign steps    = {{SIZE{1'b0}}, sample};
            assign readable = 2'd0;
            assign filled   = 2'd0;
            reg  [WORDS-1:0] map_now, map_q;
            reg  [WIDTH-1:0] word_q;
            wire [SIZE-1:0]  asked    = steps[map_slot*SIZE +: SIZE];
            wire [SIZE-1:0]  asked_of = steps[word_slot*SIZE +: SIZE];
            integer w;
            always @* for (w = 0; w < WORDS; w = w + 1) map_now[w] = |asked[w*WIDTH +: WIDTH];
            always @(posedge clk) begin
                if (map_read) map_q <= map_now;
                if (word_read) word_q <= asked_of[word_index*WIDTH +: WIDTH];
            end
            assign map  = map_q;
            assign word = word_q;
        end
    endgenerate

    // --- what is inside, from the oldest on, is what is still to come ---
    reg              right, inside; // no registers, as all of these
    reg              open, cut;     // some of a pass, of a word, is behind us, and some is not
    reg  [1:0]       step;
    reg  [SLOT-1:0]  slot;
    reg              turn;
    reg  [SIZE-1:0]  left, first_word;
    reg  [WORDS-1:0] words;
    reg  [WIDTH-1:0] bits;
    reg  [WORD-1:0]  index;
    wire [1:0]       end_of_steps = at + readable;

    // The first word that holds any of what is left; which words do.
    task look;
        integer i;
        begin
            bits  = {WIDTH{1'b0}};
            index = {WORD{1'b0}};
            first_word = {SIZE{1'b0}};
            for (i = WORDS - 1; i >= 0; i = i - 1) begin
                words[i] = left[i*WIDTH +: WIDTH] != {WIDTH{1'b0}};
                if (words[i]) begin
                    bits  = left[i*WIDTH +: WIDTH];
                    index = i;
                    first_word = {{(SIZE - WIDTH){1'b0}}, {WIDTH{1'b1}}} << (i * WIDTH);
                end
            end
        end
    endtask
    // The next pass.
    task pass;
        begin
            if (turn == LAST_TURN) begin
                step = step + 2'd1;
                slot = slot == LAST_SLOT ? {SLOT{1'b0}} : slot + 1'b1;
                turn = 1'b0;
            end else turn = turn + 1'b1;
            left = steps[slot*SIZE +: SIZE];
            look;
        end
    endtask
    // A word, and whether it is its pass's last one.
    task word_passes(input last);
        begin
            left = left & ~first_word;
            look;
            open = !last;
            if (last) pass;
        end
    endtask
    // What is due at all.
    function due(input [1:0] of);
        due = LINKED == 0 || of != end_of_steps;
    endfunction

    wire [SIZE-1:0] spike = {{(SIZE - 1){1'b0}}, spike_hit} << spike_row;
    always @* begin
        step = at;
        slot = at_slot;
        turn = at_turn;
        left = steps[slot*SIZE +: SIZE] & ~seen;
        look;
        open  = seen != {SIZE{1'b0}};
        cut   = (seen & first_word) != {SIZE{1'b0}};
        right = 1'b1;
        if (spike_valid) begin
            right = due(step) && spike == (left & ~(left - 1'b1)) && spike_last == ((left & (left - 1'b1)) == {SIZE{1'b0}});
            left  = left & (left - 1'b1);
            cut   = (left & first_word) != {SIZE{1'b0}};
            open  = !spike_last;
            look;
            if (spike_last) pass;
        end
        inside = \dut.find_spikes.valid || !cut;
        if (\dut.find_spikes.valid ) begin
            inside = inside && due(step) && \dut.find_spikes.bits == bits && \dut.find_spikes.rest == (bits & (bits - 1'b1)) &&
                     (\dut.find_spikes.tag == index || bits == {WIDTH{1'b0}}) && \dut.find_spikes.last == (left == (left & first_word));
            word_passes(\dut.find_spikes.last );
        end
        if (DIRECT == 0 && \dut.word_valid ) begin
            inside = inside && due(step) && (word & {WIDTH{\dut.word_hit }}) == bits &&
                     (\dut.word_of == index || bits == {WIDTH{1'b0}}) && \dut.word_last == (left == (left & first_word));
            word_passes(\dut.word_last );
        end
        if (\dut.found ) begin
            inside = inside && due(step) && \dut.found_hit == (words != {WORDS{1'b0}}) && word_slot == slot &&
                     \dut.found_final == (turn == LAST_TURN) &&
                     (word_index == index || words == {WORDS{1'b0}}) && \dut.found_last == (left == (left & first_word));
            word_passes(\dut.found_last );
        end
        inside = inside && (\dut.find_words.valid || !open);
        if (\dut.find_words.valid ) begin
            inside = inside && due(step) && \dut.find_words.bits == words && \dut.find_words.rest == (words & (words - 1'b1)) &&
                     \dut.find_words.tag == {turn == LAST_TURN, slot} && \dut.find_words.last ;
            pass;
        end
        if (DIRECT == 0 && \dut.pass_valid ) begin
            inside = inside && due(step) && map == words && \dut.pass_slot == slot && \dut.pass_final == (turn == LAST_TURN);
            pass;
        end
        inside = inside && \dut.slot == slot && \dut.turn == turn && (LINKED == 0 || \dut.begun == step);
    end

    // A spike that is due comes within so many cycles: one for each place that it may have to go through.
    localparam [3:0] PATIENCE = DIRECT != 0 ? 4'd4 : 4'd6;
    wire [3:0] distance = \dut.find_spikes.valid ? 4'd1 : DIRECT == 0 && \dut.word_valid ? 4'd2 :
                          \dut.found ? PATIENCE / 2 : \dut.find_words.valid ? PATIENCE / 2 + 4'd1 :
                          DIRECT == 0 && \dut.pass_valid ? 4'd5 : PATIENCE;
    wire [SIZE-1:0] due_now = steps[at_slot*SIZE +: SIZE], unseen = due_now & ~seen;
    reg [3:0] waited;
    always @(posedge clk) waited <= fresh || spike_valid || !due(at) || !(LINKED != 0 || go) ? 4'd0 : waited + 4'd1;
    always @*
        if (!fresh) begin
            assert (right);                           // the next spike, and no other
            `INSIDE (spike_valid || !due(at) || !(LINKED != 0 || go) || waited + distance <= PATIENCE); // no deadlock
            assert (waited <= PATIENCE);
            `INSIDE (inside && at_slot <= LAST_SLOT && at_turn <= LAST_TURN);
            `INSIDE (seen == {SIZE{1'b0}} || (due(at) && (seen & ~due_now) == {SIZE{1'b0}} && seen < (unseen & ~(unseen - 1'b1))));
            cover (give && spike_last && &seen[SIZE-2:0]);
            cover (give && !spike_hit && at_slot == 1'b1);
            cover (give && spike_hit && at == 2'd2);
        end
endmodule
`default_nettype wire
