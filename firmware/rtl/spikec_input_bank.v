// spikec_input_bank.v: one bank of the input spikes of a whole sample, for a dense first layer.
//
// Spikes are set one by one, in any order, while nothing runs. A map of the words that were written says which of them hold
// anything, so clearing the maps clears the sample. Reads as spikec_bank.v asks for them.
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
    reg            writing; // it goes back, with one spike more
    reg [STEP-1:0] sweep;
    wire           look = set && !looked && !writing && !clearing;
    reg            known;
    reg [WIDTH-1:0] spike;

    assign set_ready = writing;

    always @(posedge clk) begin
        known <= map[set_word];
        spike <= FIRST_BIT << set_bit;
        if (rst) begin
            looked   <= 1'b0;
            writing  <= 1'b0;
            clearing <= 1'b1;
            sweep    <= {STEP{1'b0}};
        end else begin
            looked  <= look;
            writing <= looked;
            if (clear) clearing <= 1'b1;
            else if (clearing && sweep == LAST_STEP) clearing <= 1'b0;
            if (clear || sweep == LAST_STEP) sweep <= {STEP{1'b0}};
            else if (clearing) sweep <= sweep + 1'b1;
        end
    end

    spikec_memory #(.WIDTH(WORDS), .DEPTH(STEPS), .ADDRESS(STEP)) maps (
        .clk(clk),
        .write(clearing || writing), .write_at(clearing ? sweep : set_step),
        .data(clearing ? {WORDS{1'b0}} : map | (FIRST_WORD << set_word)),
        .read(look || map_read), .read_at(look ? set_step : map_slot), .q(map)
    );
    spikec_memory #(.WIDTH(WIDTH), .DEPTH((STEPS > 1 ? STEPS : 2) << WORD), .ADDRESS(STEP + WORD)) words (
        .clk(clk),
        .write(writing), .write_at({set_step, set_word}),
        .data((known ? word : {WIDTH{1'b0}}) | spike),
        .read(look || word_read), .read_at(look ? {set_step, set_word} : {word_slot, word_index}), .q(word)
    );
endmodule
`default_nettype wire
