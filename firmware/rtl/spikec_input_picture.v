// spikec_input_picture.v: the input spikes of a whole sample, for a first layer that looks at them as pictures, row by row.
//
// Spikes are set one by one, in any order, while nothing runs; which row and place an input has is found by dividing.
`default_nettype none
module spikec_input_picture #(
    parameter STEPS = 16,
    parameter STEP = 4,   // bits of a step's number
    parameter ROW = 6,    // bits of a row's number
    parameter WIDTH = 68, // bits of a row: pixels times channels
    parameter PLACE = 7   // bits of a place in a row
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             clear,     // pulse
    input  wire             set,       // held until set_ready
    input  wire [STEP-1:0]  set_step,
    input  wire [15:0]      set_index,
    output wire             set_ready,
    output reg              clearing,
    input  wire             row_read,
    input  wire [STEP-1:0]  row_slot,
    input  wire [ROW-1:0]   row_index,
    output wire [WIDTH-1:0] row
);
    localparam ADDRESS = STEP + ROW;
    localparam DEPTH = (STEPS > 1 ? STEPS : 2) << ROW; // a step's number has one bit at least
    localparam [ADDRESS-1:0] LAST = DEPTH[ADDRESS-1:0] - 1'b1;
    localparam [WIDTH-1:0] FIRST_BIT = 1;

    // --- which row, which place ---
    wire [15:0] quotient, remainder;
    wire        divided;
    reg         dividing, reading, writing;
    wire        begin_set = set && !clearing && !dividing && !reading && !writing;

    spikec_divide #(.WIDTH(16)) divide (
        .clk(clk), .rst(rst), .start(begin_set), .dividend(set_index), .divisor(WIDTH[15:0]),
        .ready(divided), .quotient(quotient), .remainder(remainder)
    );

    // --- read the row, and write it back with one spike more ---
    reg [ADDRESS-1:0] sweep;
    wire [ADDRESS-1:0] at = {set_step, quotient[ROW-1:0]};
    assign set_ready = writing;

    always @(posedge clk) begin
        if (rst) begin
            {dividing, reading, writing} <= 3'b000;
            clearing <= 1'b1;
            sweep    <= {ADDRESS{1'b0}};
        end else begin
            dividing <= begin_set || (dividing && !divided);
            reading  <= dividing && divided;
            writing  <= reading;
            if (clear) clearing <= 1'b1;
            else if (clearing && sweep == LAST) clearing <= 1'b0;
            if (clear || sweep == LAST) sweep <= {ADDRESS{1'b0}};
            else if (clearing) sweep <= sweep + 1'b1;
        end
    end

    spikec_memory #(.WIDTH(WIDTH), .DEPTH(DEPTH), .ADDRESS(ADDRESS)) rows (
        .clk(clk),
        .write(clearing || writing), .write_at(clearing ? sweep : at),
        .data(clearing ? {WIDTH{1'b0}} : row | (FIRST_BIT << remainder[PLACE-1:0])),
        .read(reading || row_read), .read_at(reading ? at : {row_slot, row_index}), .q(row)
    );

    wire unused = &{1'b0, quotient[15:ROW], remainder[15:PLACE]};
endmodule
`default_nettype wire
