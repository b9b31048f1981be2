/* spikec_protocol.h: the constants of the wire. Made from protocol.toml by generate.py: edit that. */
#ifndef SPIKEC_PROTOCOL_H
#define SPIKEC_PROTOCOL_H

#define SPIKEC_PROTOCOL_VERSION 1u
#define SPIKEC_PROTOCOL_DELIMITER 0u
#define SPIKEC_PROTOCOL_CRC_BYTES 4u
#define SPIKEC_PROTOCOL_HEADER_BYTES 4u
#define SPIKEC_PROTOCOL_DEFAULT_MAX_PAYLOAD 1024u
#define SPIKEC_PROTOCOL_MIN_PIECE 32u
#define SPIKEC_PROTOCOL_GREETING_TIMEOUT_MS 2000u
#define SPIKEC_PROTOCOL_REPLY_TIMEOUT_MS 1000u

/* Message types towards the device. */
enum spikec_to_device {
    SPIKEC_MSG_HELLO = 0x01,
    SPIKEC_MSG_PING = 0x02,
    SPIKEC_MSG_SAMPLE_BEGIN = 0x10,
    SPIKEC_MSG_EVENTS = 0x11,
    SPIKEC_MSG_FRAMES = 0x12,
    SPIKEC_MSG_SAMPLE_END = 0x13
};

/* Message types towards the host. */
enum spikec_to_host {
    SPIKEC_MSG_GREETING = 0x81,
    SPIKEC_MSG_ACK = 0x82,
    SPIKEC_MSG_RESULT = 0x90,
    SPIKEC_MSG_TRACE = 0x91,
    SPIKEC_MSG_LOG = 0xE0,
    SPIKEC_MSG_ERROR = 0xE1
};

/* How a sample's input travels. */
enum spikec_format {
    SPIKEC_FORMAT_EVENTS = 0x00,
    SPIKEC_FORMAT_FRAMES = 0x01
};

/* Flags of SAMPLE_BEGIN. */
enum spikec_flag {
    SPIKEC_FLAG_TRACE = 0x01
};

/* What a device can do, in its greeting. */
enum spikec_feature {
    SPIKEC_FEATURE_EVENTS = 0x01,
    SPIKEC_FEATURE_FRAMES = 0x02,
    SPIKEC_FEATURE_TRACE = 0x04,
    SPIKEC_FEATURE_PIECES = 0x08
};

/* What a TRACE frame holds. */
enum spikec_trace_kind {
    SPIKEC_TRACE_SPIKES = 0x00,
    SPIKEC_TRACE_MEMBRANE_I16 = 0x01,
    SPIKEC_TRACE_MEMBRANE_I32 = 0x02
};

/* Codes of ERROR. */
enum spikec_error {
    SPIKEC_ERROR_VERSION = 0x01,
    SPIKEC_ERROR_NOT_GREETED = 0x02,
    SPIKEC_ERROR_TYPE = 0x03,
    SPIKEC_ERROR_STATE = 0x04,
    SPIKEC_ERROR_RANGE = 0x05,
    SPIKEC_ERROR_TIME = 0x06,
    SPIKEC_ERROR_INPUT = 0x07,
    SPIKEC_ERROR_PAYLOAD = 0x08
};

#endif
