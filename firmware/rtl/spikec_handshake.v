// spikec_handshake.v: who may use a double buffer between two layers: `done` and `data_fetched` of Yin et al. 2017.
//
// The layer before may begin a step when one of both slots is free for it: a slot is taken when the step begins, filled
// when it is done, and free again when the layer behind has fetched it.
`default_nettype none
module spikec_handshake (
    input  wire       clk,
    input  wire       rst,
    input  wire       begun,        // pulse: the layer before has begun a step
    input  wire       done,         // pulse: all its spikes are in the slot
    input  wire       data_fetched, // pulse: the layer behind has taken them
    output wire       allow,        // the layer before may begin a step
    output reg  [1:0] filled        // steps that were done so far, modulo 4
);
    reg [1:0] taken; // slots that are not free: 0 to 2
    assign allow = !taken[1];

    always @(posedge clk) begin
        if (rst) begin
            taken  <= 2'd0;
            filled <= 2'd0;
        end else begin
            filled <= filled + {1'b0, done};
            taken  <= taken + {1'b0, begun} - {1'b0, data_fetched};
        end
    end
endmodule
`default_nettype wire
