// spikec_picture.v: the double buffer between a layer and one behind it that looks at its spikes as pictures, row by row.
//
// Spikes come in chunks, in order, which never reach over the end of a row.
`default_nettype none
module spikec_picture #(
    parameter CHUNK = 12,  // bits of a chunk
    parameter ROWS = 24,
    parameter ROW = 5,     // bits of a row's number
    parameter WIDTH = 288  // bits of a row: pixels times channels
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             chunk_valid,
    input  wire [CHUNK-1:0] chunk,
    output reg              done,       // pulse: a step is complete
    input  wire             row_read,
    input  wire             row_slot,
    input  wire [ROW-1:0]   row_index,
    output wire [WIDTH-1:0] row
);
    localparam CHUNKS = WIDTH / CHUNK; // of a row
    localparam COUNT = CHUNKS > 1 ? $clog2(CHUNKS) : 1;
    localparam [COUNT-1:0] LAST_CHUNK = CHUNKS[COUNT-1:0] - 1'b1;
    localparam [ROW-1:0]   LAST_ROW = ROWS[ROW-1:0] - 1'b1;

    reg              slot, full; // full: a whole row stands in `line`
    reg  [ROW-1:0]   at;
    reg  [COUNT-1:0] place;
    reg  [WIDTH-1:0] line;
    wire [WIDTH+CHUNK-1:0] shifted = {chunk, line};
    wire unused = &{1'b0, shifted};

    always @(posedge clk) begin
        if (chunk_valid) line <= shifted[WIDTH+CHUNK-1:CHUNK];
        done <= full && at == LAST_ROW && !rst;
        if (rst) begin
            slot  <= 1'b0;
            full  <= 1'b0;
            at    <= {ROW{1'b0}};
            place <= {COUNT{1'b0}};
        end else begin
            full <= chunk_valid && place == LAST_CHUNK;
            if (chunk_valid) place <= place == LAST_CHUNK ? {COUNT{1'b0}} : place + 1'b1;
            if (full) begin
                at <= at == LAST_ROW ? {ROW{1'b0}} : at + 1'b1;
                if (at == LAST_ROW) slot <= !slot;
            end
        end
    end

    spikec_memory #(.WIDTH(WIDTH), .DEPTH(2 << ROW), .ADDRESS(ROW + 1)) rows (
        .clk(clk),
        .write(full), .write_at({slot, at}), .data(line),
        .read(row_read), .read_at({row_slot, row_index}), .q(row)
    );
endmodule
`default_nettype wire
