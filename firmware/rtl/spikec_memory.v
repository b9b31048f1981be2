// spikec_memory.v: a memory with one port to write and one to read, in the way that every tool makes block RAM of.
`default_nettype none
module spikec_memory #(
    parameter WIDTH = 32,
    parameter DEPTH = 512,
    parameter ADDRESS = 9,
    parameter APART = 0                  // 1: no word is read in the cycle in which it is written
) (
    input  wire               clk,
    input  wire               write,
    input  wire [ADDRESS-1:0] write_at,
    input  wire [WIDTH-1:0]   data,
    input  wire               read,
    input  wire [ADDRESS-1:0] read_at,
    output reg  [WIDTH-1:0]   q          // in the cycle after `read`, and until the next
);
    generate
        if (APART != 0) begin : apart
            // Says to Yosys what the parameter says; else it adds what gives the old word, on the way from the memory.
            (* no_rw_check *) reg [WIDTH-1:0] memory [0:DEPTH-1];
            always @(posedge clk) begin
                if (write) memory[write_at] <= data;
                if (read) q <= memory[read_at];
            end
        end else begin : any
            reg [WIDTH-1:0] memory [0:DEPTH-1];
            always @(posedge clk) begin
                if (write) memory[write_at] <= data;
                if (read) q <= memory[read_at];
            end
        end
    endgenerate
endmodule
`default_nettype wire
