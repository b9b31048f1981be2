// spikec_outputs.v: the output layer's spikes of all steps, and when the run is over.
`default_nettype none
module spikec_outputs #(
    parameter CHUNK = 12,   // spikes that come at once
    parameter CHUNKS = 1,   // of a step
    parameter STEPS = 16,
    parameter ADDRESS = 4   // bits of a chunk's number: step * CHUNKS + chunk
) (
    input  wire               clk,
    input  wire               rst,         // before each sample
    input  wire [31:0]        repeats,     // the sample runs once, and so many times more
    input  wire               chunk_valid,
    input  wire [CHUNK-1:0]   chunk,
    output reg                finished,    // level: all steps of all repeats are
    input  wire [ADDRESS-1:0] read_at,
    output wire [CHUNK-1:0]   read_chunk   // a cycle later
);
    localparam DEPTH = STEPS * CHUNKS;
    localparam [ADDRESS-1:0] LAST = DEPTH[ADDRESS-1:0] - 1'b1;

    reg [ADDRESS-1:0] at;
    reg [31:0]        left;

    always @(posedge clk) begin
        if (rst) begin
            at       <= {ADDRESS{1'b0}};
            left     <= repeats;
            finished <= 1'b0;
        end else if (chunk_valid && !finished) begin
            at <= at == LAST ? {ADDRESS{1'b0}} : at + 1'b1;
            if (at == LAST) begin
                left     <= left - 32'd1;
                finished <= left == 32'd0;
            end
        end
    end
    spikec_memory #(.WIDTH(CHUNK), .DEPTH(DEPTH), .ADDRESS(ADDRESS)) chunks (
        .clk(clk), .write(chunk_valid && !finished), .write_at(at), .data(chunk),
        .read(1'b1), .read_at(read_at), .q(read_chunk)
    );
endmodule
`default_nettype wire
