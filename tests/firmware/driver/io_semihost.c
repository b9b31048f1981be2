/*
 * io_semihost.c: files of the computer that emulates us, by semihosting: a breakpoint that the emulator knows, with the
 * operation in the first register and its arguments in the second.
 */
#include "io.h"

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT_EXTENDED = 0x20 };
enum { MODE_READ = 1, MODE_WRITE = 5 };
#define STOPPED 0x20026u

static uint32_t input, output;

#if defined(__riscv)

/* The two instructions around the breakpoint mark it; the three must be whole words. */
static __attribute__((noinline, aligned(16))) uint32_t call(uint32_t operation, const uint32_t *arguments)
{
    register uint32_t a0 __asm__("a0") = operation;
    register const uint32_t *a1 __asm__("a1") = arguments;
    __asm__ volatile(".option push\n\t"
                     ".option norvc\n\t"
                     "slli x0, x0, 0x1f\n\t"
                     "ebreak\n\t"
                     "srai x0, x0, 7\n\t"
                     ".option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return a0;
}

#else

static uint32_t call(uint32_t operation, const uint32_t *arguments)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const uint32_t *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

#endif

static uint32_t open(const char *name, uint32_t length, uint32_t mode)
{
    const uint32_t arguments[3] = {(uint32_t)(uintptr_t)name, mode, length};
    uint32_t handle = call(SYS_OPEN, arguments);
    if (handle == UINT32_MAX) {
        io_exit(3);
    }
    return handle;
}

void io_open(void)
{
    input = open("input.bin", 9, MODE_READ);
    output = open("output.bin", 10, MODE_WRITE);
}

uint32_t io_read(uint8_t *bytes, uint32_t length)
{
    const uint32_t arguments[3] = {input, (uint32_t)(uintptr_t)bytes, length};
    return length - call(SYS_READ, arguments);
}

void io_write(const uint8_t *bytes, uint32_t length)
{
    const uint32_t arguments[3] = {output, (uint32_t)(uintptr_t)bytes, length};
    if (call(SYS_WRITE, arguments) != 0) {
        io_exit(3);
    }
}

void io_exit(int status)
{
    const uint32_t arguments[2] = {STOPPED, (uint32_t)status};
    (void)call(SYS_EXIT_EXTENDED, arguments);
    for (;;) {
    }
}
