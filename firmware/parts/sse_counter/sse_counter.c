/* sse_counter.c: the system counter of Arm's SSE-123 and SSE-300 as the counter; of its 64 bits the lower ones. */
#include "board.h"
#include "counter.h"

typedef struct {
    volatile uint32_t control;
    volatile uint32_t status;
    volatile uint32_t low;
    volatile uint32_t high;
} system_counter_t;

#define SYSTEM_COUNTER ((system_counter_t *)BOARD_SYSTEM_COUNTER)
#define ON 1u

void counter_start(void)
{
    SYSTEM_COUNTER->control = ON;
}

uint32_t counter_ticks(void)
{
    return SYSTEM_COUNTER->low;
}
