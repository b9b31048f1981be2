// spikec_protocol.vh: the constants of the wire. Made from protocol.toml by generate.py: edit that.
`ifndef SPIKEC_PROTOCOL_VH
`define SPIKEC_PROTOCOL_VH

`define SPIKEC_PROTOCOL_VERSION 8'd1

// Message types towards the device.
`define SPIKEC_MSG_HELLO 8'h01
`define SPIKEC_MSG_PING 8'h02
`define SPIKEC_MSG_SAMPLE_BEGIN 8'h10
`define SPIKEC_MSG_EVENTS 8'h11
`define SPIKEC_MSG_FRAMES 8'h12
`define SPIKEC_MSG_SAMPLE_END 8'h13

// Message types towards the host.
`define SPIKEC_MSG_GREETING 8'h81
`define SPIKEC_MSG_ACK 8'h82
`define SPIKEC_MSG_RESULT 8'h90
`define SPIKEC_MSG_TRACE 8'h91
`define SPIKEC_MSG_LOG 8'hE0
`define SPIKEC_MSG_ERROR 8'hE1

// How a sample's input travels.
`define SPIKEC_FORMAT_EVENTS 8'h00
`define SPIKEC_FORMAT_FRAMES 8'h01

// Flags of SAMPLE_BEGIN.
`define SPIKEC_FLAG_TRACE 8'h01

// What a device can do, in its greeting.
`define SPIKEC_FEATURE_EVENTS 8'h01
`define SPIKEC_FEATURE_FRAMES 8'h02
`define SPIKEC_FEATURE_TRACE 8'h04
`define SPIKEC_FEATURE_PIECES 8'h08

// What a TRACE frame holds.
`define SPIKEC_TRACE_SPIKES 8'h00
`define SPIKEC_TRACE_MEMBRANE_I16 8'h01
`define SPIKEC_TRACE_MEMBRANE_I32 8'h02

// Codes of ERROR.
`define SPIKEC_ERROR_VERSION 8'h01
`define SPIKEC_ERROR_NOT_GREETED 8'h02
`define SPIKEC_ERROR_TYPE 8'h03
`define SPIKEC_ERROR_STATE 8'h04
`define SPIKEC_ERROR_RANGE 8'h05
`define SPIKEC_ERROR_TIME 8'h06
`define SPIKEC_ERROR_INPUT 8'h07
`define SPIKEC_ERROR_PAYLOAD 8'h08

`endif
