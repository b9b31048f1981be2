// spikec_pool.v: max-pooling of spikes: each output is the OR of its window. A pixel a cycle, all channels at once.
`default_nettype none
module spikec_pool #(
    parameter CHANNELS = 12,
    parameter PLACES = 4,   // of a window
    parameter PIXELS = 144  // of a step's output
) (
    input  wire                       clk,
    input  wire                       rst,
    input  wire                       window_valid,
    input  wire [PLACES*CHANNELS-1:0] window,
    output wire                       window_next,
    output wire                       want,        // a step could begin
    input  wire                       allow,       // and may
    output wire                       step_begin,  // pulse
    input  wire                       room,        // there is a slot for its spikes
    output reg                        chunk_valid,
    output reg  [CHANNELS-1:0]        chunk
);
    localparam COUNT = PIXELS > 1 ? $clog2(PIXELS) : 1;
    localparam [COUNT-1:0] LAST = PIXELS[COUNT-1:0] - 1'b1;

    reg [COUNT-1:0]    pixel;
    reg [CHANNELS-1:0] joined; // no register
    wire               first = pixel == {COUNT{1'b0}};

    integer i;
    always @* begin
        joined = {CHANNELS{1'b0}};
        for (i = 0; i < PLACES; i = i + 1) joined = joined | window[i*CHANNELS +: CHANNELS];
    end

    assign want        = window_valid && first;
    assign step_begin  = want && allow && room;
    assign window_next = window_valid && (!first || (allow && room));

    always @(posedge clk) begin
        chunk       <= joined;
        chunk_valid <= window_next && !rst;
        if (rst) pixel <= {COUNT{1'b0}};
        else if (window_next) pixel <= pixel == LAST ? {COUNT{1'b0}} : pixel + 1'b1;
    end
endmodule
`default_nettype wire
