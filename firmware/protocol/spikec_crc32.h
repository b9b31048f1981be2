/* spikec_crc32.h: the checksum of frames (IEEE 802.3, reflected, as in zlib). */
#ifndef SPIKEC_CRC32_H
#define SPIKEC_CRC32_H

#include <stdint.h>

/* CRC-32 of `length` bytes, going on from `crc` (0 for the first). */
uint32_t spikec_crc32(uint32_t crc, const uint8_t *bytes, uint32_t length);

#endif
