/*
 * count.h: counting instructions on an emulated core: 1.6 ticks of an MPS2 board's timer of 25 MHz for each (-icount), 2.048
 * ticks of the MPS3's system counter of 32 MHz, or a RISC-V core's own count. A program includes the generated network first, so that its kernels can be called one by one on
 * its tables.
 */
#ifndef COUNT_H
#define COUNT_H

#include "io.h"

#if defined(__riscv)

static void count(void)
{
}

static uint32_t now(void)
{
    uint32_t instructions;
    __asm__ volatile("csrr %0, minstret" : "=r"(instructions) : : "memory");
    return instructions;
}

#elif __ARM_ARCH >= 8 /* of these, the Cortex-M55 on an MPS3 */

#define COUNTER_CONTROL (*(volatile uint32_t *)0x58100000u)
#define COUNTER_LOW (*(volatile uint32_t *)0x58100008u)

static void count(void)
{
    COUNTER_CONTROL = 1;
}

static uint32_t now(void)
{
    return COUNTER_LOW;
}

#else

#define TIMER_CONTROL (*(volatile uint32_t *)0x40000000u)
#define TIMER_VALUE (*(volatile uint32_t *)0x40000004u)
#define TIMER_RELOAD (*(volatile uint32_t *)0x40000008u)

static void count(void)
{
    TIMER_RELOAD = UINT32_MAX;
    TIMER_VALUE = UINT32_MAX;
    TIMER_CONTROL = 1;
}

static uint32_t now(void)
{
    return UINT32_MAX - TIMER_VALUE;
}

#endif

static void report(uint32_t start)
{
    uint32_t ticks = now() - start;
    uint8_t bytes[4] = {(uint8_t)ticks, (uint8_t)(ticks >> 8), (uint8_t)(ticks >> 16), (uint8_t)(ticks >> 24)};
    io_write(bytes, sizeof bytes);
}

/* Begin to count, read the input's spikes, and report what asking costs. */
static void begin(uint32_t *spikes, uint32_t words)
{
    count();
    io_open();
    for (uint32_t i = 0; i < words; i++) {
        uint8_t bytes[4];
        (void)io_read(bytes, sizeof bytes);
        spikes[i] = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    }
    uint32_t start = now();
    report(start);
}

#endif
