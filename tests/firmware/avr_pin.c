/*
 * avr_pin.c: a simulated AVR at 16 MHz whose USART 0 is standard input and output, and one of whose pins is watched:
 * `avr_pin <part> <elf> <port> <bit> <edges>`. Every edge becomes a line of a file: clock cycle and new level. It ends with
 * its input.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

#define LOOK_CYCLES 2000 /* how often a working chip's input is looked at */
#define SLEEP_MS 20

static bool ready = true; /* the USART takes bytes */
static avr_irq_t *input;
static FILE *edges;

static void take_bytes(int wait_ms)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    for (; ready && poll(&in, 1, wait_ms) > 0; wait_ms = 0) {
        uint8_t byte;
        if (read(STDIN_FILENO, &byte, 1) != 1) {
            exit(0);
        }
        avr_raise_irq(input, byte);
    }
}

static void on_output(avr_irq_t *irq, uint32_t byte, void *unused)
{
    uint8_t sent = (uint8_t)byte;
    (void)irq;
    (void)unused;
    if (write(STDOUT_FILENO, &sent, 1) != 1) {
        exit(3);
    }
}

static void on_ready(avr_irq_t *irq, uint32_t value, void *now)
{
    (void)irq;
    (void)value;
    ready = now != NULL;
}

static void on_sleep(avr_t *avr, avr_cycle_count_t cycles)
{
    (void)avr;
    (void)cycles;
    take_bytes(SLEEP_MS);
}

/* Called at every write of the port, also of other pins. */
static void on_pin(avr_irq_t *irq, uint32_t level, void *avr)
{
    if (level != irq->value) {
        (void)fprintf(edges, "%llu %u\n", (unsigned long long)((avr_t *)avr)->cycle, (unsigned)level);
        (void)fflush(edges);
    }
}

int main(int count, char **words)
{
    elf_firmware_t firmware = {0};
    avr_t *avr = count == 6 ? avr_make_mcu_by_name(words[1]) : NULL;
    edges = avr != NULL ? fopen(words[5], "w") : NULL;
    if (edges == NULL || elf_read_firmware(words[2], &firmware) != 0) {
        return 2;
    }
    (void)avr_init(avr);
    avr->frequency = 16000000u;
    avr_load_firmware(avr, &firmware);
    avr->sleep = on_sleep;
    uint32_t flags = 0; /* neither its own sleeps nor its own printing */
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    input = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_output, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_ready, &ready);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_ready, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(words[3][0]), atoi(words[4])), on_pin, avr);
    int state = cpu_Running;
    for (avr_cycle_count_t looked = 0; state != cpu_Done && state != cpu_Crashed;) {
        state = avr_run(avr);
        if (avr->cycle - looked > LOOK_CYCLES) {
            looked = avr->cycle;
            take_bytes(0);
        }
    }
    return 1;
}
