/* second.h: a thread that runs the stages of a second core. */
#ifndef SECOND_H
#define SECOND_H

#include "spikec.h"

/* Start it; it ends with the process. */
void second_begin(void);

/* From now on it looks at this network. */
void second_take(const spikec_network_t *net);

/* Let the other thread run. */
void second_pause(void);

#endif
