// spikec_input_bank.v: one bank of the input spikes of a whole sample, for a dense first layer.
//
// Spikes are set one by one, in any order, while nothing runs. A map of the words that were written says which of them hold
// anything, so clearing the maps clears the sample. Reads as spikec_bank.v asks for them. Nothing is read in a cycle in which
// anything is written: a spike is read, changed and written in turn, and who runs the network waits until all is cleared.
`default_nettype none
module spikec_input_bank #(
    parameter STEPS = 16,
    parameter STEP = 4,    // bits of a step's number
    parameter WORDS = 37,
    parameter WORD = 6,    // bits of a word's number
    parameter WIDTH = 32,
    parameter BIT = 5      // bits of a place in a word
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             clear,      // pulse
    input  wire             set,        // held until set_ready
    input  wire [STEP-1:0]  set_step,
    input  wire [WORD-1:0]  set_word,
    input  wire [BIT-1:0]   set_bit,
    output wire             set_ready,
    output reg              clearing,
    input  wire             map_read,
    input  wire [STEP-1:0]  map_slot,
    output wire [WORDS-1:0] map,
    input  wire             word_read,
    input  wire [STEP-1:0]  word_slot,
    input  wire [WORD-1:0]  word_index,
    output wire [WIDTH-1:0] word
);
    localparam [STEP-1:0]  LAST_STEP = STEPS[STEP-1:0] - 1'b1;
    localparam [WORDS-1:0] FIRST_WORD = 1;
    localparam [WIDTH-1:0] FIRST_BIT = 1;

    reg            looked;  // what was read last cycle is there
    reg            adding;  // one spike more comes to it
    reg            writing; // and it goes back
    reg [STEP-1:0] sweep;
    wire           look = set && !looked && !adding && !writing && !clearing;
    reg            known;
    reg [WIDTH-1:0] spike, more;

    assign set_ready = writing;

    always @(posedge clk) begin
        known <= map[set_word];
        spike <= FIRST_BIT << set_bit;
        more  <= (known ? word : {WIDTH{1'b0}}) | spike;
        if (rst) begin
            looked   <= 1'b0;
            adding   <= 1'b0;
            writing  <= 1'b0;
            clearing <= 1'b1;
            sweep    <= {STEP{1'b0}};
        end else begin
            looked  <= look;
            adding  <= looked;
            writing <= adding;
            if (clear) clearing <= 1'b1;
            else if (clearing && sweep == LAST_STEP) clearing <= 1'b0;
            if (clear || sweep == LAST_STEP) sweep <= {STEP{1'b0}};
            else if (clearing) sweep <= sweep + 1'b1;
        end
    end

    spikec_memory #(.WIDTH(WORDS), .DEPTH(STEPS), .ADDRESS(STEP), .APART(1)) maps (
        .clk(clk),
        .write(clearing || writing), .write_at(clearing ? sweep : set_step),
        .data(clearing ? {WORDS{1'b0}} : map | (FIRST_WORD << set_word)),
        .read(look || map_read), .read_at(look ? set_step : map_slot), .q(map)
    );
    // Deep memories are cut into pieces that fill a block RAM each: a choice between blocks would come behind a slow read.
    localparam DEPTH = (STEPS > 1 ? STEPS : 2) << WORD;
    localparam PIECE = DEPTH > 512 && WIDTH > 16 ? 16 : WIDTH;
    genvar at;
    generate
        for (at = 0; at < WIDTH; at = at + PIECE) begin : words
            localparam HERE = WIDTH - at < PIECE ? WIDTH - at : PIECE;
            spikec_memory #(.WIDTH(HERE), .DEPTH(DEPTH), .ADDRESS(STEP + WORD), .APART(1)) part (
                .clk(clk), .write(writing), .write_at({set_step, set_word}), .data(more[at +: HERE]),
                .read(look || word_read), .read_at(look ? {set_step, set_word} : {word_slot, word_index}), .q(word[at +: HERE])
            );
        end
    endgenerate
endmodule
`default_nettype wire
