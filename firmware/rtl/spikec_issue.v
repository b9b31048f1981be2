// spikec_issue.v: from the spikes of all banks to one token a cycle for the lanes: a row of weights of each bank, or none.
//
// A turn of a layer is one pass over a step's spikes, for as many neurons as there are lanes; a step takes TURNS turns. All
// banks begin and end a turn together; one that has no more spikes gives none. Turns go round through GROUPS groups of
// weights: token_address says where in its bank's memory a row lies.
`default_nettype none
module spikec_issue #(
    parameter BANKS = 1,
    parameter ROW = 11,      // bits of a row's number
    parameter ROWS = 1156,   // rows of a group in each bank
    parameter ADDRESS = 11,  // bits of an address
    parameter GROUPS = 1,
    parameter GROUP = 1,     // bits of a group's number
    parameter TURNS = 1,
    parameter TURN = 1,      // bits of a turn's number
    parameter STEPS = 16,
    parameter STEP = 4,      // bits of a step's number
    parameter SPACING = 2,   // cycles from the end of a turn to the end of the next, at least: 1 to 4
    parameter GAP = 0,       // cycles between two turns, at least: up to 3
    parameter SAMPLE_GAP = 2 // cycles between two samples, at least: up to 3
) (
    input  wire                     clk,
    input  wire                     rst,
    input  wire [BANKS-1:0]         spike_valid,
    output wire [BANKS-1:0]         spike_ready,
    input  wire [BANKS-1:0]         spike_hit,
    input  wire [BANKS*ROW-1:0]     spike_row,
    input  wire [BANKS-1:0]         spike_last,
    output wire                     want,          // a step could begin
    input  wire                     allow,         // and may
    output wire                     step_begin,    // pulse
    input  wire                     room,          // there is a slot for its spikes
    output wire                     slot_taken,    // pulse: the slot is ours
    output reg                      step_fetched,  // pulse: all spikes of a step have been taken
    output reg  [BANKS-1:0]         token_hit,
    output reg  [BANKS*ADDRESS-1:0] token_address,
    output reg                      token_first,   // of its turn
    output reg                      token_last,
    output reg                      token_start,   // the first of its turn, in the sample's first step
    output reg  [TURN-1:0]          token_turn,
    output reg  [GROUP-1:0]         token_group
);
    localparam [TURN-1:0]    LAST_TURN = TURNS[TURN-1:0] - 1'b1;
    localparam [GROUP-1:0]   LAST_GROUP = GROUPS[GROUP-1:0] - 1'b1;
    localparam [STEP-1:0]    LAST_STEP = STEPS[STEP-1:0] - 1'b1;
    localparam [ADDRESS-1:0] ROWS_OF_GROUP = ROWS[ADDRESS-1:0];

    reg  [BANKS-1:0]   over;                        // banks that have given all of this turn
    reg                in_turn;                      // a turn has begun
    reg  [1:0]         since;                       // cycles since the last turn ended, up to 3
    reg  [TURN-1:0]    turn;
    reg  [GROUP-1:0]   group;
    reg  [STEP-1:0]    step;
    reg  [ADDRESS-1:0] base;

    wire [BANKS-1:0] here = ~over & spike_valid;
    wire             all_here = &(over | spike_valid);
    wire             last = &(over | (spike_valid & spike_last));
    wire             begins_step = !in_turn && turn == {TURN{1'b0}};
    wire             begins_sample = begins_step && step == {STEP{1'b0}};
    wire             apart = (!last || since + 1 >= SPACING) && (in_turn || since + 1 > GAP) &&
                             (!begins_sample || since + 1 > SAMPLE_GAP);
    wire             ends_step = turn == LAST_TURN;
    // Nothing stops a token on its way, so a turn may end only when there is room for what it gives.
    wire             gives_first = last && turn == {TURN{1'b0}};
    wire             go = all_here && apart && (!begins_step || allow) && (!gives_first || room);

    assign spike_ready = here & {BANKS{go}};
    assign want        = all_here && apart && begins_step;
    assign step_begin  = go && begins_step;
    assign slot_taken  = go && gives_first;

    always @(posedge clk) begin
        if (rst) begin
            over   <= {BANKS{1'b0}};
            in_turn <= 1'b0;
            since  <= 2'd3;
            turn   <= {TURN{1'b0}};
            group  <= {GROUP{1'b0}};
            step   <= {STEP{1'b0}};
            base   <= {ADDRESS{1'b0}};
        end else if (go) begin
            over   <= last ? {BANKS{1'b0}} : over | (spike_valid & spike_last);
            in_turn <= !last;
            since  <= last ? 2'd0 : since + {1'b0, since != 2'd3};
            if (last) begin
                turn  <= ends_step ? {TURN{1'b0}} : turn + 1'b1;
                group <= group == LAST_GROUP ? {GROUP{1'b0}} : group + 1'b1;
                base  <= group == LAST_GROUP ? {ADDRESS{1'b0}} : base + ROWS_OF_GROUP;
                if (ends_step) step <= step == LAST_STEP ? {STEP{1'b0}} : step + 1'b1;
            end
        end else since <= since + {1'b0, since != 2'd3};
    end

    // --- the token ---
    integer bank;
    always @(posedge clk) begin
        token_hit    <= here & spike_hit & {BANKS{go}};
        token_first  <= go && !in_turn;
        token_last   <= go && last;
        token_start  <= go && !in_turn && step == {STEP{1'b0}};
        token_turn   <= turn;
        token_group  <= group;
        step_fetched <= go && last && ends_step;
        for (bank = 0; bank < BANKS; bank = bank + 1)
            token_address[bank*ADDRESS +: ADDRESS] <= base + {{(ADDRESS - ROW){1'b0}}, spike_row[bank*ROW +: ROW]};
        if (rst) begin
            token_hit    <= {BANKS{1'b0}};
            token_first  <= 1'b0;
            token_last   <= 1'b0;
            token_start  <= 1'b0;
            step_fetched <= 1'b0;
        end
    end
endmodule
`default_nettype wire
