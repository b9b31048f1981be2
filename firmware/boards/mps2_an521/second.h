/* second.h: the board's second core. */
#ifndef SPIKEC_SECOND_H
#define SPIKEC_SECOND_H

#include <stdbool.h>

/* Start it: it calls work() for ever. */
void second_start(bool (*work)(void));

/* This core waits for the other. */
void second_pause(void);

#endif
