/* cmsdk_timer.c: the timer of Arm's Cortex-M System Design Kit as the counter. */
#include "board.h"
#include "counter.h"

typedef struct {
    volatile uint32_t control;
    volatile uint32_t value; /* counts down */
    volatile uint32_t reload;
    volatile uint32_t interrupt;
} timer_t;

#define TIMER ((timer_t *)BOARD_TIMER)
#define ON 1u

void counter_start(void)
{
    TIMER->reload = UINT32_MAX;
    TIMER->value = UINT32_MAX;
    TIMER->control = ON;
}

uint32_t counter_ticks(void)
{
    return UINT32_MAX - TIMER->value;
}
