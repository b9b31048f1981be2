/* startup.c: from reset to main(): vector table, initialised data, stack. */
#include <stdint.h>

extern uint32_t stack_top[];  /* these come from link.ld */
extern const uint32_t data_image[];
extern uint32_t data_start[];
extern uint32_t data_end[];
extern const uint32_t fast_image[];
extern uint32_t fast_start[];
extern uint32_t fast_end[];
extern uint32_t bss_start[];
extern uint32_t bss_end[];

int main(void);
void reset_handler(void);
void halt(void);

/* Faults end here: the host sees a device that no longer answers. */
void halt(void)
{
    for (;;) {
        __asm__ volatile("wfi");
    }
}

/* Vectors and floating point are switched off after reset. */
static inline void enable_coprocessors(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: full access to CP10 and CP11 */
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
}

static void copy(volatile uint32_t *to, volatile uint32_t *end, const uint32_t *from)
{
    while (to < end) {
        *to++ = *from++;
    }
}

void reset_handler(void)
{
    enable_coprocessors();
    copy(data_start, data_end, data_image);
    copy(fast_start, fast_end, fast_image);
    for (volatile uint32_t *to = bss_start; to < (volatile uint32_t *)bss_end;) {
        *to++ = 0;
    }
    (void)main();
    halt();
}

typedef union {
    const uint32_t *stack;
    void (*handler)(void);
    uint32_t reserved;
} vector_t;

/* The core's 16 vectors. Interrupts stay masked (board.c), so the board's own need none. */
__attribute__((section(".vectors"), used)) static const vector_t vectors[16] = {
    {.stack = stack_top},
    {.handler = reset_handler},
    {.handler = halt}, /* NMI */
    {.handler = halt}, /* hard fault */
    {.handler = halt}, /* memory management */
    {.handler = halt}, /* bus fault */
    {.handler = halt}, /* usage fault */
    {.reserved = 0},
    {.reserved = 0},
    {.reserved = 0},
    {.reserved = 0},
    {.handler = halt}, /* SVC */
    {.handler = halt}, /* debug monitor */
    {.reserved = 0},
    {.handler = halt}, /* PendSV */
    {.handler = halt}, /* SysTick */
};
