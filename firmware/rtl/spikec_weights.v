// spikec_weights.v: weights in block RAM, read from files. A row is as wide as the lanes that it serves.
//
// Deep memories are cut in two, where the first piece fills its blocks: the rest then takes fewer of them. LATENCY 2 adds
// the block RAM's own output register, 3 one more behind the choice between both pieces.
`default_nettype none
module spikec_weights #(
    parameter WIDTH = 252,
    parameter DEPTH = 1156,
    parameter ADDRESS = 11,
    parameter CUT = 1024,    // words of the first piece; 0: one piece
    parameter LATENCY = 3,   // cycles: 1 to 3
    parameter FILE = "",
    parameter FILE_REST = "" // of the second piece
) (
    input  wire               clk,
    input  wire [ADDRESS-1:0] address,
    output wire [WIDTH-1:0]   q
);
    localparam FIRST = CUT == 0 ? DEPTH : CUT;
    localparam FIRST_PLACE = FIRST > 1 ? $clog2(FIRST) : 1;

    reg [WIDTH-1:0] memory [0:FIRST-1];
    reg [WIDTH-1:0] first;
    initial $readmemh(FILE, memory);
    always @(posedge clk) first <= memory[address[FIRST_PLACE-1:0]];

    wire [WIDTH-1:0] first_out, chosen;
    generate
        if (LATENCY > 1) begin : first_register
            reg [WIDTH-1:0] out;
            always @(posedge clk) out <= first;
            assign first_out = out;
        end else begin : no_first_register
            assign first_out = first;
        end

        if (CUT != 0) begin : cut
            localparam REST = DEPTH - CUT;
            localparam PLACE = REST > 1 ? $clog2(REST) : 1;
            reg [WIDTH-1:0] rest_memory [0:REST-1];
            reg [WIDTH-1:0] rest;
            reg             beyond;
            wire [ADDRESS-1:0] behind = address - CUT[ADDRESS-1:0];
            wire unused_here = &{1'b0, behind};
            initial $readmemh(FILE_REST, rest_memory);
            always @(posedge clk) begin
                rest   <= rest_memory[behind[PLACE-1:0]];
                beyond <= address >= CUT[ADDRESS-1:0];
            end
            if (LATENCY > 1) begin : rest_register
                reg [WIDTH-1:0] out;
                reg             beyond_out;
                always @(posedge clk) begin
                    out        <= rest;
                    beyond_out <= beyond;
                end
                assign chosen = beyond_out ? out : first_out;
            end else begin : no_rest_register
                assign chosen = beyond ? rest : first_out;
            end
        end else begin : whole
            assign chosen = first_out;
        end

        if (LATENCY > 2) begin : last_register
            reg [WIDTH-1:0] out;
            always @(posedge clk) out <= chosen;
            assign q = out;
        end else begin : no_last_register
            assign q = chosen;
        end
    endgenerate
    wire unused = &{1'b0, address};
endmodule
`default_nettype wire
