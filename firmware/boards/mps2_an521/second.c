/*
 * second.c: the second Cortex-M33 of the SSE-200: held in reset until it is told where its vectors are.
 *
 * It shares memory and code with the first, and has its own stack. When it has found nothing to do for a while it sleeps,
 * until the first core waits for it and rings (the SSE-200's message unit). Interrupts stay masked: a pending one only
 * ends the sleep, as on the first core.
 */
#include "second.h"

#include "spikec.h"

#if SPIKEC_CORES > 1
#include "board.h"

#define STACK_WORDS 2048u /* of 8 bytes: as much as the first core has */
#define LOOKS 10000u      /* in vain, before it sleeps */

typedef struct {
    volatile uint32_t status;
    volatile uint32_t set;
    volatile uint32_t clear;
} message_t;

#define INITIAL_VECTORS (*(volatile uint32_t *)(BOARD_SYSTEM_CONTROL + 0x114u)) /* INITSVTOR1 */
#define CPU_WAIT (*(volatile uint32_t *)(BOARD_SYSTEM_CONTROL + 0x118u))
#define TO_SECOND ((message_t *)(BOARD_MESSAGES + 0x10u))
#define RING 1u

#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100u)
#define NVIC_UNPEND (*(volatile uint32_t *)0xE000E280u)
#define BIT (1u << BOARD_MESSAGES_IRQ)

void halt(void);

static bool (*its_work)(void);
static uint64_t spikec_second_stack[STACK_WORDS];

/* What was rung before this look is answered by it; what is rung after it ends the sleep. */
static void sleep_unless_there_is_work(void)
{
    TO_SECOND->clear = RING;
    NVIC_UNPEND = BIT;
    if (!its_work()) {
        __asm__ volatile("wfi" ::: "memory");
    }
}

static void run(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
    NVIC_ENABLE = BIT;
    for (uint32_t in_vain = 0;;) {
        if (its_work()) {
            in_vain = 0;
        } else if (in_vain < LOOKS) {
            in_vain++;
            __asm__ volatile("yield");
        } else {
            sleep_unless_there_is_work();
        }
    }
}

typedef union {
    const uint64_t *stack;
    void (*handler)(void);
} vector_t;

/* Stack, reset, NMI and the faults; the address must be a multiple of the table's size. */
__attribute__((aligned(128))) static const vector_t vectors[16] = {
    {.stack = spikec_second_stack + STACK_WORDS},
    {.handler = run},
    {.handler = halt},
    {.handler = halt},
    {.handler = halt},
    {.handler = halt},
    {.handler = halt},
};

void second_start(bool (*work)(void))
{
    its_work = work;
    INITIAL_VECTORS = (uint32_t)(uintptr_t)vectors;
    __asm__ volatile("dsb" ::: "memory"); /* what we wrote is there before it looks */
    CPU_WAIT = 0;
}

/* The hint lets an emulator that runs both cores in turn go on with the other; the bell ends its sleep. */
void second_pause(void)
{
    TO_SECOND->set = RING;
    __asm__ volatile("yield");
}
#endif
