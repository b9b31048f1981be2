/* nrf51_timer.c: timer 0 of Nordic's nRF51 as the counter; of its timers only this one has 32 bits. */
#include "counter.h"

#define TIMER 0x40008000u
#define REGISTER(offset) (*(volatile uint32_t *)(TIMER + (offset)))

#define START REGISTER(0x000u)
#define CAPTURE REGISTER(0x040u)
#define BIT_MODE REGISTER(0x508u)
#define PRESCALER REGISTER(0x510u)
#define CAPTURED REGISTER(0x540u)

#define BITS_32 3u

void counter_start(void)
{
    BIT_MODE = BITS_32;
    PRESCALER = 0; /* 16 MHz, as the core */
    START = 1;
}

uint32_t counter_ticks(void)
{
    CAPTURE = 1;
    return CAPTURED;
}
