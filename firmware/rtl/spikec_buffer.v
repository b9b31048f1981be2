// spikec_buffer.v: two places between a giver and a taker, so that neither's `ready` depends on the other's in the same cycle.
//
// A cycle later, and as many as before: one goes through in every cycle. `in_ready` comes from a register.
`default_nettype none
module spikec_buffer #(
    parameter WIDTH = 8
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output wire             in_ready,
    input  wire [WIDTH-1:0] in_data,
    output reg              out_valid,
    input  wire             out_ready,
    output reg  [WIDTH-1:0] out_data
);
    reg             spare_valid; // only while the first place is taken, too
    reg [WIDTH-1:0] spare;
    wire            moves = !out_valid || out_ready;

    assign in_ready = !spare_valid;

    always @(posedge clk) begin
        if (in_ready) spare <= in_data;
        if (moves) out_data <= spare_valid ? spare : in_data;
        if (rst) begin
            out_valid   <= 1'b0;
            spare_valid <= 1'b0;
        end else begin
            if (moves) out_valid <= spare_valid || in_valid;
            spare_valid <= !moves && (spare_valid || in_valid);
        end
    end
endmodule
`default_nettype wire
