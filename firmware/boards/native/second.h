/* second.h: a thread as the second core. */
#ifndef SPIKEC_SECOND_H
#define SPIKEC_SECOND_H

#include <stdbool.h>

/* Start the thread: it calls work() for ever. */
void second_start(bool (*work)(void));

/* Let others have the processor for a moment. */
void second_pause(void);

#endif
