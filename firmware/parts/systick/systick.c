/*
 * systick.c: the core's own timer as the counter, for boards whose others have 16 bits or are not emulated.
 *
 * It has 24 bits, which are extended here. That is right as long as someone asks at least once in 16.7 million
 * ticks, and the runtime asks before and after every step of a layer. While the device waits for the host nobody asks,
 * but that time is in no figure.
 */
#include "board.h"
#include "counter.h"

typedef struct {
    volatile uint32_t control;
    volatile uint32_t reload;
    volatile uint32_t value; /* counts down */
} systick_t;

#define SYSTICK ((systick_t *)0xE000E010u)
#define ON 1u
#define CORE_CLOCK 4u
#define LARGEST 0x00FFFFFFu

static uint32_t ticks;
static uint32_t last;

void counter_start(void)
{
    SYSTICK->reload = LARGEST;
    SYSTICK->value = 0; /* any write clears it; it begins with the reload value */
    SYSTICK->control = ON | CORE_CLOCK;
    last = LARGEST;
}

uint32_t counter_ticks(void)
{
    uint32_t now = SYSTICK->value;
    ticks += (last - now) & LARGEST;
    last = now;
    return ticks;
}
