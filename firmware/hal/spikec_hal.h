/*
 * spikec_hal.h: all that the firmware asks of a board.
 */
#ifndef SPIKEC_HAL_H
#define SPIKEC_HAL_H

#include <stdbool.h>
#include <stdint.h>

#include "spikec.h"

typedef struct {
    const char *board;              /* the board's id, as in firmware/boards/ */
    const char *counter_name;       /* what the counter counts, as in board.toml, for instance "CMSDK timer 0" */
    uint32_t counter_hz;            /* its ticks a second */
    uint32_t rx_bytes;              /* bytes that the line buffers for us: the host never sends more unacknowledged */

    /* Set up clock, counter and line. */
    void (*init)(void);

    /* A free-running counter of 32 bits that counts up and wraps. */
    uint32_t (*counter)(void);

    /* Take up to `max` bytes that have arrived. Returns how many (0: none yet), or -1 when the line is gone for good. */
    int32_t (*read)(uint8_t *bytes, uint32_t max);

    /* Send all bytes; waits until the line has taken them. */
    void (*write)(const uint8_t *bytes, uint32_t length);

    /* Nothing to do: sleep until a byte may have come, or return at once. */
    void (*idle)(void);

#if defined(SPIKEC_MARKER)
    /* Set the marker pin, which is high while the network computes (on the first of two cores) and tells a meter what to
     * measure, and return the counter: read right after the pin went high, or right before it goes low. Only on boards
     * that have one, in firmware that is built with it (--marker, --meter). For MLPerf Tiny's runner (--energy) it is high
     * but for short pulses. */
    uint32_t (*marker)(bool high);
#endif

#if SPIKEC_CORES > 1
    /* Start the second core: it calls work() for ever, and may rest for a moment where that says that nothing was done. */
    void (*second)(bool (*work)(void));

    /* This core waits for the other, and calls this again and again: give way where cores have to share something. */
    void (*pause)(void);
#endif
} spikec_hal_t;

/* Each board folder defines it. */
extern const spikec_hal_t spikec_hal;

#endif
