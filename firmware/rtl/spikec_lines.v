// spikec_lines.v: the window of a convolution or of pooling, on its way over the pictures of all steps.
//
// Holds as many rows of a picture as the kernel is high, and shifts them, so that the window is always their first bits.
// What lies outside the picture is 0.
`default_nettype none
module spikec_lines #(
    parameter ROWS = 28,     // of the picture
    parameter ROW = 5,       // bits of a row's number
    parameter WIDTH = 28,    // bits of a row: pixels times channels
    parameter CHANNELS = 1,
    parameter KERNEL_H = 5,
    parameter KERNEL_W = 5,
    parameter STRIDE = 1,
    parameter PADDING = 0,
    parameter OUT_H = 24,
    parameter OUT_W = 24,
    parameter SLOTS = 2,     // steps that the memory holds
    parameter SLOT = 1,      // bits of a slot's number
    parameter COUNTED = 1    // 0: every slot is always filled
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             go,           // level: slots may be begun
    input  wire [1:0]       filled,       // slots filled so far, modulo 4
    output wire             row_read,
    output wire [SLOT-1:0]  row_slot,
    output wire [ROW-1:0]   row_index,
    input  wire [WIDTH-1:0] row,          // in the cycle after row_read
    output reg              data_fetched, // pulse: the slot was read to its end
    output wire             window_valid,
    output wire [KERNEL_H*KERNEL_W*CHANNELS-1:0] window,
    input  wire             window_next   // only while it is valid
);
    localparam TAKE = KERNEL_W * CHANNELS;
    localparam SHIFT = STRIDE * CHANNELS;
    localparam EDGE = PADDING * CHANNELS;
    localparam LINE = WIDTH + 2 * EDGE + SHIFT; // zeros come from behind
    localparam DOWN = $clog2(ROWS + 2 * PADDING + KERNEL_H + STRIDE) + 1;
    localparam RIGHT = OUT_W > 1 ? $clog2(OUT_W) : 1;
    localparam TAP = KERNEL_H > 1 ? $clog2(KERNEL_H) : 1;
    localparam [DOWN-1:0]  FIRST_Y = PADDING[DOWN-1:0];                          // rows are counted with the padding above them
    localparam LOWEST = (OUT_H - 1) * STRIDE;
    localparam [DOWN-1:0]  LAST_Y = LOWEST[DOWN-1:0];
    localparam [DOWN-1:0]  STEP_Y = STRIDE[DOWN-1:0];
    localparam [RIGHT-1:0] LAST_X = OUT_W[RIGHT-1:0] - 1'b1;
    localparam [TAP-1:0]   LAST_TAP = KERNEL_H[TAP-1:0] - 1'b1;
    localparam [SLOT-1:0]  LAST_SLOT = SLOTS[SLOT-1:0] - 1'b1;
    localparam [1:0] WAIT = 2'd0, LOAD = 2'd1, STORE = 2'd2, SHOW = 2'd3;

    reg [1:0]       state, begun;
    reg [SLOT-1:0]  slot;
    reg [DOWN-1:0]  y;         // the window's upper row
    reg [RIGHT-1:0] x;
    reg [TAP-1:0]   tap;
    reg             taken;     // a row of the picture comes, not padding
    reg [TAP-1:0]   taken_tap;
    reg             storing;

    wire [DOWN-1:0] at = y + {{(DOWN - TAP){1'b0}}, tap};
    wire [DOWN-1:0] from_edge = at - FIRST_Y;
    wire            is_row = from_edge < ROWS[DOWN-1:0]; // above the picture it is large, too: it has wrapped
    wire            loading = state == LOAD;

    assign row_read     = loading && is_row;
    assign row_slot     = slot;
    assign row_index    = from_edge[ROW-1:0];
    assign window_valid = state == SHOW;

    always @(posedge clk) begin
        storing      <= loading && !rst;
        taken        <= is_row;
        taken_tap    <= tap;
        data_fetched <= state == STORE && y == LAST_Y && !rst;
        if (rst) begin
            state <= WAIT;
            begun <= 2'd0;
            slot  <= {SLOT{1'b0}};
            y     <= {DOWN{1'b0}};
            x     <= {RIGHT{1'b0}};
            tap   <= {TAP{1'b0}};
        end else case (state)
            WAIT: if (go && (COUNTED == 0 || begun != filled)) begin
                begun <= begun + 2'd1;
                state <= LOAD;
            end
            LOAD: begin
                tap <= tap == LAST_TAP ? {TAP{1'b0}} : tap + 1'b1;
                if (tap == LAST_TAP) state <= STORE;
            end
            STORE: state <= SHOW;
            default: if (window_next) begin
                x <= x == LAST_X ? {RIGHT{1'b0}} : x + 1'b1;
                if (x == LAST_X) begin
                    y     <= y == LAST_Y ? {DOWN{1'b0}} : y + STEP_Y;
                    state <= y == LAST_Y ? WAIT : LOAD;
                    if (y == LAST_Y) slot <= slot == LAST_SLOT ? {SLOT{1'b0}} : slot + 1'b1;
                end
            end
        endcase
    end

    genvar k;
    generate
        for (k = 0; k < KERNEL_H; k = k + 1) begin : lines
            localparam HERE = k;
            reg [LINE-1:0] line;
            always @(posedge clk) begin
                if (storing && taken_tap == HERE[TAP-1:0]) begin
                    line <= {LINE{1'b0}};
                    if (taken) line[EDGE +: WIDTH] <= row;
                end else if (window_next) line <= {{SHIFT{1'b0}}, line[LINE-1:SHIFT]};
            end
            assign window[k*TAKE +: TAKE] = line[TAKE-1:0];
            wire unused = &{1'b0, line}; // of some sizes the last bits never come to the front
        end
    endgenerate
endmodule
`default_nettype wire
