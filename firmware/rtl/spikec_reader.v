// spikec_reader.v: answers questions about a sample: its results when it has run, membranes and spikes where it stands
// still. One question at a time, each of some cycles to some hundred: nobody waits for them.
//
// Neurons are found by turn and lane: neuron = turn * lanes + lane.
`default_nettype none
module spikec_reader #(
    parameter LAYERS = 3,
    parameter HEADS = 2,
    parameter STEPS = 16,
    parameter STEP = 4,          // bits of a step's number
    parameter READOUT = 0,       // 0: most spikes, 1: first spike, 2: highest membrane
    parameter CHUNK = 12,        // lanes of the output layer
    parameter CHUNKS = 1,        // turns of the output layer
    parameter ADDRESS = 4,       // bits of the number of an output chunk
    parameter PEEK = 8,          // cycles until a neuron answers, and its answer is chosen
    parameter [16*LAYERS-1:0] SIZES = 0,  // neurons, or spikes of pooling
    parameter [16*LAYERS-1:0] LANES = 0,
    parameter [16*LAYERS-1:0] FANS = 0,   // neurons that a row of weights reaches
    parameter [16*HEADS-1:0] STARTS = 0,
    parameter [16*HEADS-1:0] STOPS = 0
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   read,        // pulse
    input  wire [3:0]             read_what,
    input  wire [7:0]             read_layer,
    input  wire [15:0]            read_index,
    output reg                    read_valid,  // pulse
    output reg  [31:0]            read_data,
    // what is asked
    input  wire [31:0]            ticks,
    input  wire [32*LAYERS-1:0]   layer_ticks,
    input  wire [48*LAYERS-1:0]   layer_rows,
    output wire [STEP-1:0]        spikes_step,
    input  wire [16*LAYERS-1:0]   layer_spikes,
    output wire [ADDRESS-1:0]     output_at,
    input  wire [CHUNK-1:0]       output_chunk,
    output wire [7:0]             peek_layer,
    output wire [15:0]            peek_turn,
    output wire [15:0]            peek_lane,
    input  wire [32*LAYERS-1:0]   peek_value,
    input  wire [LAYERS-1:0]      peek_fired
);
    localparam [3:0] TICKS = 4'd0, LAYER_TICKS = 4'd1, SYNOPS_LOW = 4'd2, SYNOPS_HIGH = 4'd3, LAYER_SPIKES = 4'd4,
                     OUT_SPIKES = 4'd5, MEMBRANE = 4'd6, SPIKES = 4'd7, ANSWER = 4'd8;
    localparam [2:0] IDLE = 3'd0, PART = 3'd1, LOCATE = 3'd2, WAIT = 3'd3, TAKE = 3'd4, MULTIPLY = 3'd5, COMPARE = 3'd6, NEXT = 3'd7;
    localparam [7:0]  LAST_LAYER = LAYERS[7:0] - 8'd1;
    localparam [15:0] LAST_STEP = STEPS[15:0] - 16'd1;
    localparam [15:0] OUTPUTS = SIZES[16*(LAYERS-1) +: 16];
    localparam [LAYERS-1:0] ONE = 1;
    localparam [15:0] OUT_BYTES = (OUTPUTS + 7) / 8;

    reg [2:0]  state, bit_at;
    reg [3:0]  what, wait_left;
    reg [7:0]  layer;
    reg [15:0] index, step, neuron, stop, turn, lane;
    reg [15:0] score_index;
    reg [31:0] score, best;
    reg        first, better;
    reg [63:0] product, addend;
    reg [15:0] factor;

    // --- choices by layer ---
    wire [15:0] lanes_here = LANES[layer*16 +: 16];
    reg  [31:0] value_here, ticks_here;
    reg  [15:0] spikes_here;
    reg         fired_here, output_bit, last_lane, last_neuron;
    always @(posedge clk) begin
        value_here  <= peek_value[layer*32 +: 32];
        ticks_here  <= layer_ticks[layer*32 +: 32];
        spikes_here <= layer_spikes[layer*16 +: 16];
        fired_here  <= |(peek_fired & (ONE << layer));
        output_bit  <= output_chunk[lane[$clog2(CHUNK > 1 ? CHUNK : 2)-1:0]];
        last_lane   <= lane + 16'd1 == lanes_here;
        last_neuron <= neuron + 16'd1 == stop;
    end

    assign spikes_step = index[STEP-1:0];
    assign peek_layer  = layer;
    assign peek_turn   = turn;
    assign peek_lane   = lane;
    wire [31:0] chunk_number = {16'd0, step} * CHUNKS + {16'd0, turn};
    assign output_at   = chunk_number[ADDRESS-1:0];

    // --- division: a byte's number into step and byte, a neuron's into turn and lane ---
    wire [15:0] quotient, remainder;
    wire        divided;
    reg         divide;
    reg  [15:0] dividend, divisor;
    spikec_divide #(.WIDTH(16)) divider (
        .clk(clk), .rst(rst), .start(divide), .dividend(dividend), .divisor(divisor),
        .ready(divided), .quotient(quotient), .remainder(remainder)
    );
    wire parted = divided && !divide;

    wire needs_step = what == OUT_SPIKES || (what == ANSWER && READOUT != 2);

    always @(posedge clk) begin
        read_valid <= 1'b0;
        divide     <= 1'b0;
        if (rst) state <= IDLE;
        else case (state)
            IDLE: if (read) begin
                what      <= read_what;
                layer     <= read_what == OUT_SPIKES || read_what == ANSWER ? LAST_LAYER : read_layer;
                index     <= read_index;
                step      <= 16'd0;
                bit_at    <= 3'd0;
                first     <= 1'b1;
                score     <= 32'd0;
                read_data <= 32'd0;
                wait_left <= PEEK[3:0];
                case (read_what)
                    SYNOPS_LOW, SYNOPS_HIGH: begin
                        product <= 64'd0;
                        addend  <= {16'd0, layer_rows[read_layer*48 +: 48]};
                        factor  <= FANS[read_layer*16 +: 16];
                        state   <= MULTIPLY;
                    end
                    OUT_SPIKES: begin
                        dividend <= read_index;
                        divisor  <= OUT_BYTES;
                        divide   <= 1'b1;
                        state    <= PART;
                    end
                    MEMBRANE, SPIKES, ANSWER: begin
                        neuron <= read_what == SPIKES ? {read_index[12:0], 3'd0}
                                : read_what == ANSWER ? STARTS[read_index*16 +: 16] : read_index;
                        stop   <= read_what == ANSWER ? STOPS[read_index*16 +: 16] : SIZES[read_layer*16 +: 16];
                        state  <= PART;
                    end
                    default: state <= WAIT;
                endcase
            end
            // for output spikes: which step; then, for all: where the neuron is
            PART: if (what != OUT_SPIKES || parted) begin
                if (what == OUT_SPIKES) begin
                    step   <= quotient;
                    neuron <= {remainder[12:0], 3'd0};
                    stop   <= OUTPUTS;
                    dividend <= {remainder[12:0], 3'd0};
                end else dividend <= neuron;
                score_index <= 16'd0;
                divisor     <= lanes_here;
                divide      <= 1'b1;
                state       <= LOCATE;
            end
            LOCATE: if (parted) begin
                turn  <= quotient;
                lane  <= remainder;
                state <= WAIT;
            end
            WAIT: begin
                wait_left <= wait_left - 4'd1;
                if (wait_left == 4'd0) state <= TAKE;
            end
            TAKE: begin
                wait_left <= needs_step ? 4'd1 : PEEK[3:0];
                case (what)
                    TICKS: read_data <= ticks;
                    LAYER_TICKS: read_data <= ticks_here;
                    LAYER_SPIKES: read_data <= {16'd0, spikes_here};
                    MEMBRANE: read_data <= value_here;
                    OUT_SPIKES: read_data[{2'd0, bit_at}] <= output_bit;
                    SPIKES: read_data[{2'd0, bit_at}] <= fired_here;
                    default: ;
                endcase
                if (what == ANSWER && needs_step) begin
                    if (READOUT == 0) score <= score + {31'd0, output_bit};
                    else if (output_bit && score == 32'd0) score <= {16'd0, LAST_STEP - step} + 32'd1;
                    step  <= step == LAST_STEP ? 16'd0 : step + 16'd1;
                    state <= step == LAST_STEP ? COMPARE : WAIT;
                end else if (what == ANSWER) begin
                    score <= value_here;
                    state <= COMPARE;
                end else if ((what == OUT_SPIKES || what == SPIKES) && bit_at != 3'd7 && !last_neuron) begin
                    bit_at <= bit_at + 3'd1;
                    neuron <= neuron + 16'd1;
                    lane   <= last_lane ? 16'd0 : lane + 16'd1;
                    turn   <= turn + {15'd0, last_lane};
                    state  <= WAIT;
                end else begin
                    read_valid <= 1'b1;
                    state      <= IDLE;
                end
            end
            MULTIPLY: begin
                if (factor[0]) product <= product + addend;
                addend <= {addend[62:0], 1'b0};
                factor <= {1'b0, factor[15:1]};
                if (factor == 16'd0) begin
                    read_data  <= what == SYNOPS_LOW ? product[31:0] : product[63:32];
                    read_valid <= 1'b1;
                    state      <= IDLE;
                end
            end
            // the next neuron of a head; of equal ones the first counts
            COMPARE: begin
                better <= first || $signed(score) > $signed(best);
                state  <= NEXT;
            end
            default: begin
                if (better) begin
                    best       <= score;
                    read_data  <= {16'd0, score_index};
                end
                first       <= 1'b0;
                score       <= 32'd0;
                score_index <= score_index + 16'd1;
                neuron      <= neuron + 16'd1;
                lane        <= last_lane ? 16'd0 : lane + 16'd1;
                turn        <= turn + {15'd0, last_lane};
                read_valid  <= last_neuron;
                state       <= last_neuron ? IDLE : WAIT;
            end
        endcase
    end
    wire unused = &{1'b0, chunk_number, index};
endmodule
`default_nettype wire
