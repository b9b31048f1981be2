// scan.v: whatever vectors spikec_scan.v is given and whenever its outputs are taken, all ones of each vector come out in
// order, once, and nothing else does.
`include "inside.vh"
`default_nettype none
module scan #(
    parameter WIDTH = 4,
    parameter INDEX = 2
) (
    input wire             clk,
    input wire             in_valid,
    input wire [WIDTH-1:0] in_bits,
    input wire [1:0]       in_tag,
    input wire             in_last,
    input wire             out_ready
);
    reg fresh = 1'b1;
    always @(posedge clk) fresh <= 1'b0;

    wire             in_ready, out_valid, out_hit, out_last;
    wire [INDEX-1:0] out_index;
    wire [1:0]       out_tag;
    spikec_scan #(.WIDTH(WIDTH), .INDEX(INDEX), .TAG(2)) dut (
        .clk(clk), .rst(fresh), .in_valid(in_valid), .in_ready(in_ready), .in_bits(in_bits), .in_tag(in_tag),
        .in_last(in_last), .out_valid(out_valid), .out_ready(out_ready), .out_hit(out_hit), .out_index(out_index),
        .out_tag(out_tag), .out_last(out_last)
    );
    (* hierconn *) wire             \dut.valid ;
    (* hierconn *) wire             \dut.last ;
    (* hierconn *) wire [1:0]       \dut.tag ;
    (* hierconn *) wire [WIDTH-1:0] \dut.bits ;
    (* hierconn *) wire [WIDTH-1:0] \dut.rest ;

    // What was taken and has not come out yet: at most two vectors, the older one without what came out of it.
    localparam ENTRY = 3 + WIDTH;
    reg  [1:0]       held;
    reg  [ENTRY-1:0] old, young; // last, tag, bits
    wire [WIDTH-1:0] bits = old[WIDTH-1:0];
    wire [WIDTH-1:0] left = bits & (bits - 1'b1);
    wire             take = in_valid && in_ready;
    wire             give = out_valid && out_ready;
    wire             pop  = give && left == {WIDTH{1'b0}};
    wire [ENTRY-1:0] next = held == 2'd2 ? young : {in_last, in_tag, in_bits};
    reg              waited;
    always @(posedge clk)
        if (fresh) begin
            held   <= 2'd0;
            waited <= 1'b0;
        end else begin
            held <= held + {1'b0, take} - {1'b0, pop};
            if (pop || held == 2'd0) old <= next;
            else if (give) old[WIDTH-1:0] <= left;
            if (take) young <= {in_last, in_tag, in_bits};
            waited <= held != 2'd0 && !out_valid;
        end

    reg [WIDTH-1:0] one; // no register
    reg             right;
    always @* begin
        one   = {{(WIDTH - 1){1'b0}}, out_hit} << out_index;
        right = out_last == (old[ENTRY-1] && left == {WIDTH{1'b0}}) && out_tag == old[WIDTH +: 2] && one == (bits & ~left);
        if (!fresh) begin
            assert (!out_valid || held != 2'd0);              // nothing out of nothing, nothing twice
            assert (!out_valid || right);                     // the next one, and no other
            assert (held != 2'd0 || in_ready);                // no deadlock: what is empty takes a vector, ...
            assert (!waited || out_valid);                    // ... which starts to come out in the cycle after the next

            // What is inside is what is still to come.
            `INSIDE (held <= 2'd2);
            `INSIDE (!\dut.valid || \dut.rest == (\dut.bits & (\dut.bits - 1'b1)));
            if (!out_valid) begin
                `INSIDE (held == {1'b0, \dut.valid });
                `INSIDE (!\dut.valid || {\dut.last , \dut.tag , \dut.bits } == old);
            end else if (left != {WIDTH{1'b0}}) begin
                `INSIDE (held == 2'd1 && \dut.valid );
                `INSIDE ({\dut.last , \dut.tag , \dut.bits } == {old[ENTRY-1:WIDTH], left});
            end else begin
                `INSIDE (held == 2'd1 + {1'b0, \dut.valid });
                `INSIDE (!\dut.valid || {\dut.last , \dut.tag , \dut.bits } == young);
            end
            cover (held == 2'd2 && out_valid && !out_hit);
            cover (out_valid && !out_ready && &bits);
            cover (out_valid && bits == {1'b1, {(WIDTH - 1){1'b0}}} && \dut.valid );
        end
    end
endmodule
`default_nettype wire
