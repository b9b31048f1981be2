/* memory.c: the four functions that compilers call without being asked, so that no C library is needed. */
#include <stddef.h>
#include <stdint.h>

#include "string.h"

/* The loops below must not be turned into calls of the functions that they are. */
#define AS_WRITTEN __attribute__((optimize("no-tree-loop-distribute-patterns")))

AS_WRITTEN void *memset(void *to, int value, size_t length)
{
    uint8_t *byte = to;
    uint32_t word = (uint8_t)value * 0x01010101u;
    for (; length > 0 && ((uintptr_t)byte & 3u) != 0; length--) {
        *byte++ = (uint8_t)value;
    }
    for (; length >= 16; length -= 16, byte += 16) { /* membranes are cleared by this: four words a turn */
        uint32_t *four = (uint32_t *)(void *)byte;
        four[0] = word;
        four[1] = word;
        four[2] = word;
        four[3] = word;
    }
    for (; length >= 4; length -= 4, byte += 4) {
        *(uint32_t *)(void *)byte = word;
    }
    for (; length > 0; length--) {
        *byte++ = (uint8_t)value;
    }
    return to;
}

AS_WRITTEN void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((((uintptr_t)out | (uintptr_t)in) & 3u) == 0) {
        for (; length >= 4; length -= 4, out += 4, in += 4) {
            *(uint32_t *)(void *)out = *(const uint32_t *)(const void *)in;
        }
    }
    for (; length > 0; length--) {
        *out++ = *in++;
    }
    return to;
}

AS_WRITTEN void *memmove(void *to, const void *from, size_t length)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)out <= (uintptr_t)in) {
        for (size_t i = 0; i < length; i++) {
            out[i] = in[i];
        }
    } else {
        while (length-- > 0) {
            out[length] = in[length];
        }
    }
    return to;
}

AS_WRITTEN int memcmp(const void *left, const void *right, size_t length)
{
    const uint8_t *a = left, *b = right;
    for (size_t i = 0; i < length; i++) {
        if (a[i] != b[i]) {
            return a[i] - b[i];
        }
    }
    return 0;
}
