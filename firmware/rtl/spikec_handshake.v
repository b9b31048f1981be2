// spikec_handshake.v: who may use a double buffer between two layers: `done` and `data_fetched` of Yin et al. 2017.
//
// A slot is taken when the layer before is about to give a step's first spikes, filled when the step is done, and free again
// when the layer behind has fetched it.
`default_nettype none
module spikec_handshake (
    input  wire       clk,
    input  wire       rst,
    input  wire       slot_taken,   // pulse: the layer before takes a slot; only while there is room
    input  wire       done,         // pulse: all its spikes are in the slot
    input  wire       data_fetched, // pulse: the layer behind has taken them
    output wire       room,         // one of both slots is free
    output reg  [1:0] filled        // steps that were done so far, modulo 4
);
    reg [1:0] taken; // slots that are not free: 0 to 2
    assign room = !taken[1];

    always @(posedge clk) begin
        if (rst) begin
            taken  <= 2'd0;
            filled <= 2'd0;
        end else begin
            filled <= filled + {1'b0, done};
            taken  <= taken + {1'b0, slot_taken} - {1'b0, data_fetched};
        end
    end
endmodule
`default_nettype wire
