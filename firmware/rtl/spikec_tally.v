// spikec_tally.v: what one layer did in a sample: cycles, rows of weights added, and its spikes in each step.
`default_nettype none
module spikec_tally #(
    parameter CHUNK = 256, // spikes that come at once
    parameter CHUNKS = 1,  // of a step
    parameter BANKS = 1,   // rows that are added at once
    parameter STEPS = 16,
    parameter STEP = 4     // bits of a step's number
) (
    input  wire             clk,
    input  wire             rst,         // before each sample
    input  wire             step_begin,  // pulse
    output reg              step_done,   // pulse: its last spikes have come, some cycles ago
    input  wire [BANKS-1:0] rows,        // rows added in this cycle that count
    input  wire             chunk_valid,
    input  wire [CHUNK-1:0] chunk,
    output reg  [31:0]      ticks,       // cycles with a step in work
    output reg  [47:0]      row_count,
    input  wire [STEP-1:0]  read_step,
    output wire [15:0]      spikes       // of that step, a cycle later
);
    localparam COUNT = $clog2(CHUNK + 1);
    localparam PLACE = CHUNKS > 1 ? $clog2(CHUNKS) : 1;
    localparam [PLACE-1:0] LAST_CHUNK = CHUNKS[PLACE-1:0] - 1'b1;
    localparam [STEP-1:0]  LAST_STEP = STEPS[STEP-1:0] - 1'b1;

    // --- cycles: how many steps are in work ---
    // Both ends come from registers here, so that what decides upon a step's beginning ends there; the beginning waits
    // another cycle, as spikes are counted in three.
    reg [2:0] open;
    reg       begins, begun, ended;
    always @(posedge clk) begin
        begins <= step_begin && !rst;
        begun <= begins && !rst;
        ended <= step_done && !rst;
        if (rst) begin
            open  <= 3'd0;
            ticks <= 32'd0;
        end else begin
            open <= open + {2'd0, begun} - {2'd0, ended};
            if ((open != 3'd0 || begun) && ticks != 32'hffff_ffff) ticks <= ticks + 32'd1;
        end
    end

    // --- rows ---
    function [47:0] ones_of(input [BANKS-1:0] bits);
        integer i;
        begin
            ones_of = 48'd0;
            for (i = 0; i < BANKS; i = i + 1) ones_of = ones_of + {47'd0, bits[i]};
        end
    endfunction
    always @(posedge clk) row_count <= rst ? 48'd0 : row_count + ones_of(rows);

    // --- spikes, three cycles after they came ---
    wire [COUNT-1:0] ones;
    reg  [2:0]       coming;
    reg  [15:0]      sum;
    reg  [PLACE-1:0] place;
    reg  [STEP-1:0]  step;
    wire [15:0]      total = sum + {{(16 - COUNT){1'b0}}, ones};

    spikec_ones #(.WIDTH(CHUNK), .COUNT(COUNT)) counter (.clk(clk), .bits(chunk), .total(ones));

    always @(posedge clk) begin
        coming    <= {coming[1:0], chunk_valid};
        step_done <= coming[2] && place == LAST_CHUNK && !rst;
        if (rst) begin
            coming <= 3'b000;
            sum    <= 16'd0;
            place  <= {PLACE{1'b0}};
            step   <= {STEP{1'b0}};
        end else if (coming[2]) begin
            sum   <= place == LAST_CHUNK ? 16'd0 : total;
            place <= place == LAST_CHUNK ? {PLACE{1'b0}} : place + 1'b1;
            if (place == LAST_CHUNK) step <= step == LAST_STEP ? {STEP{1'b0}} : step + 1'b1;
        end
    end
    spikec_memory #(.WIDTH(16), .DEPTH(STEPS), .ADDRESS(STEP)) steps (
        .clk(clk), .write(coming[2] && place == LAST_CHUNK), .write_at(step), .data(total),
        .read(1'b1), .read_at(read_step), .q(spikes)
    );
endmodule
`default_nettype wire
