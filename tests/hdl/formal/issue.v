// issue.v: whatever the banks have, and whenever steps may begin and slots are free, spikec_issue.v makes a row of each spike
// once, keeps the banks in the same turn, and ends each turn once.
`include "inside.vh"
`default_nettype none
module issue #(
    parameter BANKS = 2,
    parameter TURNS = 2,
    parameter GROUPS = 2,
    parameter STEPS = 2,
    parameter SPACING = 3,
    parameter GAP = 1,
    parameter SAMPLE_GAP = 3
) (
    input wire               clk,
    input wire [BANKS-1:0]   spike_valid,
    input wire [BANKS-1:0]   spike_hit,
    input wire [2*BANKS-1:0] spike_row,
    input wire [BANKS-1:0]   spike_last,
    input wire               allow,
    input wire               room
);
    localparam ROWS = 3, ADDRESS = 4;
    localparam [1:0] LAST_TURN = TURNS - 1, LAST_GROUP = GROUPS - 1, LAST_STEP = STEPS - 1;

    reg fresh = 1'b1;
    always @(posedge clk) fresh <= 1'b0;

    wire [BANKS-1:0]         spike_ready, token_hit;
    wire [BANKS*ADDRESS-1:0] token_address;
    wire                     want, step_begin, slot_taken, step_fetched, token_first, token_last, token_start;
    wire [1:0]               token_turn, token_group;
    spikec_issue #(
        .BANKS(BANKS), .ROW(2), .ROWS(ROWS), .ADDRESS(ADDRESS), .GROUPS(GROUPS), .GROUP(2), .TURNS(TURNS), .TURN(2),
        .STEPS(STEPS), .STEP(2), .SPACING(SPACING), .GAP(GAP), .SAMPLE_GAP(SAMPLE_GAP)
    ) dut (
        .clk(clk), .rst(fresh), .spike_valid(spike_valid), .spike_ready(spike_ready), .spike_hit(spike_hit),
        .spike_row(spike_row), .spike_last(spike_last), .want(want), .allow(allow), .step_begin(step_begin), .room(room),
        .slot_taken(slot_taken), .step_fetched(step_fetched), .token_hit(token_hit), .token_address(token_address),
        .token_first(token_first), .token_last(token_last), .token_start(token_start), .token_turn(token_turn),
        .token_group(token_group)
    );
    (* hierconn *) wire [BANKS-1:0]   \dut.over ;
    (* hierconn *) wire               \dut.in_turn ;
    (* hierconn *) wire [1:0]         \dut.since ;
    (* hierconn *) wire [1:0]         \dut.turn ;
    (* hierconn *) wire [1:0]         \dut.group ;
    (* hierconn *) wire [1:0]         \dut.step ;
    (* hierconn *) wire [ADDRESS-1:0] \dut.base ;

    // --- what was taken from the banks: of each, whether it has ended the turn; the turn, group and step of all ---
    wire [BANKS-1:0] take = spike_valid & spike_ready;
    reg  [BANKS-1:0] ended;
    reg              begun;
    reg  [1:0]       turn, group, step;
    reg  [3:0]       since; // cycles since the last turn ended
    wire             turn_ends = take != {BANKS{1'b0}} && &(ended | (take & spike_last));
    wire             step_ends = turn_ends && turn == LAST_TURN;
    // The same of a cycle before, for the token.
    reg              was_fresh;
    reg  [BANKS-1:0] taken, hits;
    reg  [2*BANKS-1:0] rows;
    reg              first, last, start, fetched;
    reg  [1:0]       of_turn, of_group;
    reg  [4:0]       waited;
    wire             could = &(ended | spike_valid) && (begun || turn != 2'd0 || allow) && (turn != 2'd0 || room);
    always @(posedge clk) begin
        was_fresh <= fresh;
        taken   <= take;
        hits    <= take & spike_hit;
        rows    <= spike_row;
        first   <= take != {BANKS{1'b0}} && !begun;
        start   <= take != {BANKS{1'b0}} && !begun && step == 2'd0;
        last    <= turn_ends;
        fetched <= step_ends;
        of_turn  <= turn;
        of_group <= group;
        if (fresh) begin
            ended  <= {BANKS{1'b0}};
            begun  <= 1'b0;
            turn   <= 2'd0;
            group  <= 2'd0;
            step   <= 2'd0;
            since  <= 4'd15;
            waited <= 5'd0;
        end else begin
            ended  <= turn_ends ? {BANKS{1'b0}} : ended | (take & spike_last);
            begun  <= turn_ends ? 1'b0 : begun || take != {BANKS{1'b0}};
            since  <= turn_ends ? 4'd0 : since == 4'd15 ? since : since + 4'd1;
            waited <= could && take == {BANKS{1'b0}} ? waited + 5'd1 : 5'd0;
            if (turn_ends) turn  <= turn == LAST_TURN ? 2'd0 : turn + 2'd1;
            if (turn_ends) group <= group == LAST_GROUP ? 2'd0 : group + 2'd1;
            if (step_ends) step  <= step == LAST_STEP ? 2'd0 : step + 2'd1;
        end
    end

    reg     tokens; // no register
    integer b;
    always @* begin
        tokens = 1'b1;
        for (b = 0; b < BANKS; b = b + 1)
            if (hits[b] && token_address[b*ADDRESS +: ADDRESS] != of_group * ROWS + rows[2*b +: 2]) tokens = 1'b0;
        if (!fresh && !was_fresh) begin
            assert (token_hit == hits && tokens);                           // each spike once, and its own row
            assert ({token_first, token_last, token_start} == {first, last, start});
            assert (taken == {BANKS{1'b0}} || (token_turn == of_turn && token_group == of_group));
            assert (step_fetched == fetched);                               // the slot is given back once, when all is taken
        end
        if (!fresh) begin
            assert ((take & ended) == {BANKS{1'b0}});                       // no bank overtakes the others into the next turn
            assert (take == {BANKS{1'b0}} || take == (spike_valid & ~ended)); // banks that have spikes give them together
            assert (take == {BANKS{1'b0}} || &(ended | spike_valid));
            assert (step_begin == (take != {BANKS{1'b0}} && !begun && turn == 2'd0) && (!step_begin || (allow && want)));
            assert (slot_taken == (turn_ends && turn == 2'd0) && (!slot_taken || room)); // a slot a step, while there is room
            assert (!turn_ends || since + 1 >= SPACING);
            assert (take == {BANKS{1'b0}} || begun || since + 1 > GAP);
            assert (!step_begin || step != 2'd0 || since + 1 > SAMPLE_GAP);
            // No deadlock: with spikes, and allowed to, it goes on as soon as turns are far enough apart.
            assert (!could || take != {BANKS{1'b0}} || (since + 1 < SPACING || since < GAP || since < SAMPLE_GAP));
            assert (waited <= since && waited <= SPACING + GAP + SAMPLE_GAP);

            `INSIDE ({\dut.over , \dut.in_turn , \dut.turn , \dut.group , \dut.step } == {ended, begun, turn, group, step});
            `INSIDE (\dut.since == (since > 4'd3 ? 2'd3 : since[1:0]));
            `INSIDE (\dut.base == group * ROWS && turn <= LAST_TURN && group <= LAST_GROUP && step <= LAST_STEP);
            `INSIDE (&ended == 1'b0 && (begun || ended == {BANKS{1'b0}}));
            cover (was_fresh == 1'b0 && token_start && token_last && &hits);
            cover (step_ends && step == LAST_STEP && (BANKS == 1 || ended != {BANKS{1'b0}}));
            cover (could && take == {BANKS{1'b0}});
        end
    end
endmodule
`default_nettype wire
