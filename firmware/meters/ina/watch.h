/* watch.h: time, the marker's edges, and the chip's pin ALERT. D2 and D3 of an Arduino Uno or Mega. */
#ifndef INA_WATCH_H
#define INA_WATCH_H

#include <stdbool.h>
#include <stdint.h>

void watch_start(void);

/* Microseconds since the start; 32 bits, they wrap. */
uint32_t watch_now(void);

typedef struct {
    uint32_t at;
    bool high;
} edge_t;

/* Take the oldest edge that was not taken yet; false: there is none. */
bool watch_edge(edge_t *edge);

/* Whether edges came too fast since the last call, and some were lost. */
bool watch_lost(void);

/* Whether ALERT fell since the last call: a conversion has ended, and `end` says when and what the marker was. */
bool watch_ready(edge_t *end);

#endif
