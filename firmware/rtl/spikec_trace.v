// spikec_trace.v: lets one layer go one step at a time, and everything stand still behind it until somebody has looked.
//
// Without `enable` all layers go as their buffers allow. Layers nearer to the output go first.
`default_nettype none
module spikec_trace #(
    parameter LAYERS = 3
) (
    input  wire              clk,
    input  wire              rst,        // before each sample
    input  wire              enable,     // level
    input  wire [LAYERS-1:0] want,       // layers that could begin a step
    input  wire [LAYERS-1:0] step_done,  // pulses
    output wire [LAYERS-1:0] grant,
    output wire              stop,       // level: a layer has finished a step
    output reg  [7:0]        layer,
    output reg  [15:0]       step,
    input  wire              next        // pulse: go on
);
    localparam [1:0] FREE = 2'd0, GRANTED = 2'd1, WORK = 2'd2, STOPPED = 2'd3;

    reg [1:0]           state;
    reg [LAYERS-1:0]    chosen;
    reg [LAYERS-1:0]    wanting; // nobody changes their mind before they are let
    reg [16*LAYERS-1:0] steps;  // that each layer has done
    reg [7:0]           last;   // no register: the last layer that wants

    integer i;
    always @* begin
        last = 8'd0;
        for (i = 0; i < LAYERS; i = i + 1) if (wanting[i]) last = i[7:0];
    end

    assign grant = enable ? chosen & {LAYERS{state == GRANTED}} : {LAYERS{1'b1}};
    assign stop  = state == STOPPED;

    integer k;
    always @(posedge clk) begin
        wanting <= rst || state != FREE ? {LAYERS{1'b0}} : want;
        if (rst) begin
            state <= FREE;
            steps <= {16*LAYERS{1'b0}};
        end else if (enable) case (state)
            FREE: if (wanting != {LAYERS{1'b0}}) begin
                layer <= last;
                step  <= steps[last*16 +: 16];
                for (k = 0; k < LAYERS; k = k + 1) chosen[k] <= last == k[7:0];
                state <= GRANTED;
            end
            GRANTED: state <= WORK;
            WORK: if ((step_done & chosen) != {LAYERS{1'b0}}) state <= STOPPED;
            default: if (next) begin
                steps[layer*16 +: 16] <= step + 16'd1;
                state <= FREE;
            end
        endcase
    end
endmodule
`default_nettype wire
