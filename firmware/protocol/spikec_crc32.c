/* spikec_crc32.c: half a byte at a time, so that the table takes 64 bytes. */
#include "spikec_crc32.h"

#if defined(__AVR__) /* its RAM is too dear for constants */
#include <avr/pgmspace.h>
#define IN_FLASH PROGMEM
#define REMAINDER(index) pgm_read_dword(&remainders[index])
#else
#define IN_FLASH
#define REMAINDER(index) remainders[index]
#endif

/* Remainders of the 16 half bytes by the reflected polynomial 0xEDB88320. */
IN_FLASH static const uint32_t remainders[16] = {
    0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
    0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
};

uint32_t spikec_crc32(uint32_t crc, const uint8_t *bytes, uint32_t length)
{
    crc = ~crc;
    for (uint32_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ REMAINDER(crc & 15u);
        crc = (crc >> 4) ^ REMAINDER(crc & 15u);
    }
    return ~crc;
}
