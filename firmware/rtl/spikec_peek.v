// spikec_peek.v: one of a slice's lanes, for whoever asks: of each eight first, then of the eights, so that no choice spans
// the whole chip in a cycle. The answer comes four cycles after the question.
`default_nettype none
module spikec_peek #(
    parameter WIDTH = 12,
    parameter LANES = 36,
    parameter START = 0 // the first lane's number
) (
    input  wire                   clk,
    input  wire [15:0]            lane,
    input  wire [LANES*WIDTH-1:0] values,
    output reg  [WIDTH-1:0]       value // 0 for lanes of others
);
    localparam EIGHTS = (LANES + 7) / 8;
    localparam HIGH = EIGHTS > 1 ? $clog2(EIGHTS) : 1;

    // Each slice has its own: equal ones are not to be merged (see docs/synthesis.md).
    (* spikec_copy *) reg [2:0]      place;
    (* spikec_copy *) reg [HIGH-1:0] eight;
    (* spikec_copy *) reg            ours;

    wire [15:0]               from_start = lane - START[15:0];
    wire [8*EIGHTS*WIDTH-1:0] padded;
    reg  [EIGHTS*WIDTH-1:0]   of_eights;
    reg  [HIGH-1:0]           chosen;
    reg  [WIDTH-1:0]          one;
    reg                       ours_1, ours_2;
    integer i;

    assign padded[LANES*WIDTH-1:0] = values;
    generate
        if (8 * EIGHTS > LANES) begin : padding
            assign padded[8*EIGHTS*WIDTH-1:LANES*WIDTH] = {(8 * EIGHTS - LANES) * WIDTH{1'b0}};
        end
    endgenerate

    always @(posedge clk) begin
        place <= from_start[2:0];
        eight <= from_start[3 +: HIGH];
        ours  <= from_start < LANES[15:0];

        for (i = 0; i < EIGHTS; i = i + 1) of_eights[i*WIDTH +: WIDTH] <= padded[(8*i + {29'd0, place})*WIDTH +: WIDTH];
        chosen <= eight;
        ours_1 <= ours;

        one    <= of_eights[chosen*WIDTH +: WIDTH];
        ours_2 <= ours_1;

        value <= ours_2 ? one : {WIDTH{1'b0}};
    end
endmodule
`default_nettype wire
