// spikec_window.v: a window's spikes in words, with a map of those that are not empty, as spikec_bank.v reads them.
`default_nettype none
module spikec_window #(
    parameter SIZE = 25,  // bits of a window
    parameter WORDS = 1,
    parameter WIDTH = 32,
    parameter WORD = 1,   // bits of a word's number
    parameter DIRECT = 0  // 1: reads are answered in the same cycle
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             window_valid,
    input  wire [SIZE-1:0]  window,
    output wire             window_next,
    output reg              there,      // level: a window may be begun
    input  wire             map_read,
    input  wire             map_final,
    output wire [WORDS-1:0] map,
    input  wire             word_read,
    input  wire             word_final,
    input  wire [WORD-1:0]  word_index,
    output wire [WIDTH-1:0] word
);
    reg                    reading; // its last turn was begun, but not all words are read
    reg  [WORDS*WIDTH-1:0] all;     // no register: the window, with zeros behind it
    reg  [WORDS-1:0]       ahead;
    always @* begin
        all = {WORDS*WIDTH{1'b0}};
        all[SIZE-1:0] = window;
    end
    assign window_next = word_read && word_final;

    integer i;
    always @(posedge clk) begin
        for (i = 0; i < WORDS; i = i + 1) ahead[i] <= |all[i*WIDTH +: WIDTH];
        if (rst) begin
            there   <= 1'b0;
            reading <= 1'b0;
        end else begin
            if (map_read && map_final) begin
                there   <= 1'b0;
                reading <= 1'b1;
            end else if (window_valid && !reading) there <= 1'b1; // `ahead` is this window's from the next cycle on
            if (window_next) reading <= 1'b0;
        end
    end

    wire [WIDTH-1:0] word_now = all[word_index*WIDTH +: WIDTH];
    generate
        if (DIRECT != 0) begin : direct
            assign map  = ahead;
            assign word = word_now;
        end else begin : answered_later
            reg [WORDS-1:0] map_q;
            reg [WIDTH-1:0] word_q;
            always @(posedge clk) begin
                if (map_read) map_q <= ahead;
                if (word_read) word_q <= word_now;
            end
            assign map  = map_q;
            assign word = word_q;
        end
    endgenerate
endmodule
`default_nettype wire
