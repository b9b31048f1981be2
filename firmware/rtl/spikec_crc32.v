// spikec_crc32.v: the checksum of frames (IEEE 802.3, reflected, as in zlib), one byte further.
//
// Begin with all ones. What is sent is the complement; over a whole frame with its checksum it comes to 32'hDEBB20E3.
module spikec_crc32 (
    input  [31:0] crc,
    input  [7:0]  data,
    output [31:0] next
);
    function [31:0] after_byte(input [31:0] from);
        integer i;
        begin
            after_byte = from;
            for (i = 0; i < 8; i = i + 1) after_byte = (after_byte >> 1) ^ (after_byte[0] ? 32'hEDB88320 : 32'd0);
        end
    endfunction

    assign next = after_byte(crc ^ {24'd0, data});
endmodule
