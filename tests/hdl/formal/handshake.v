// handshake.v: the layers before and behind may do what they like, within what spikec_handshake.v asks of them.
`include "inside.vh"
`default_nettype none
module handshake (
    input wire clk,
    input wire slot_taken,
    input wire done,
    input wire data_fetched
);
    reg fresh = 1'b1;
    always @(posedge clk) fresh <= 1'b0;

    wire       room;
    wire [1:0] filled;
    spikec_handshake dut (
        .clk(clk), .rst(fresh), .slot_taken(slot_taken), .done(done), .data_fetched(data_fetched), .room(room), .filled(filled)
    );
    (* hierconn *) wire [1:0] \dut.taken ;

    // Slots by where they are, and steps by who has had them. A step that is done in a cycle can be fetched in the next.
    reg [1:0] writing, readable;
    reg [1:0] fetched; // modulo 4, as the layer behind counts
    reg [3:0] waited;  // cycles in which neither layer could do anything but both did all they could
    always @(posedge clk)
        if (fresh) begin
            writing  <= 2'd0;
            readable <= 2'd0;
            fetched  <= 2'd0;
            waited   <= 4'd0;
        end else begin
            writing  <= writing + {1'b0, slot_taken} - {1'b0, done};
            readable <= readable + {1'b0, done} - {1'b0, data_fetched};
            fetched  <= fetched + {1'b0, data_fetched};
            waited   <= room || done || data_fetched ? 4'd0 : waited + 4'd1;
        end

    wire can_end   = writing != 2'd0;
    wire can_fetch = readable != 2'd0;
    // No deadlock: who can do something does it within two cycles, and that must be enough.
    reg [1:0] idle_end, idle_fetch;
    always @(posedge clk)
        if (fresh) begin
            idle_end   <= 2'd0;
            idle_fetch <= 2'd0;
        end else begin
            idle_end   <= can_end && !done ? idle_end + 2'd1 : 2'd0;
            idle_fetch <= can_fetch && !data_fetched ? idle_fetch + 2'd1 : 2'd0;
        end

    always @* begin
        if (!fresh) begin
            assume (!slot_taken || room);
            assume (!done || can_end);
            assume (!data_fetched || can_fetch);
            assume (idle_end < 2'd3 && idle_fetch < 2'd3);

            assert ({1'b0, writing} + {1'b0, readable} <= 3'd2);       // a slot has one owner: nothing is written over
            assert (room == (writing + readable < 2'd2));              // none is lost, none is used twice
            assert (filled == fetched + readable);                     // the layer behind sees all steps, and no more
            assert (room || can_end || can_fetch);                     // someone can always go on ...
            assert (waited <= 4'd3);                                   // ... and does
            `INSIDE (\dut.taken == writing + readable);

            cover (writing == 2'd1 && readable == 2'd1 && fetched == 2'd3);
            cover (readable == 2'd2);
            cover (done && data_fetched);
        end
    end
endmodule
`default_nettype wire
