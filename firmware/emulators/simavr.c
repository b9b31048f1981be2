/*
 * simavr.c: an AVR with its USART 0 on a pseudo-terminal, simulated cycle by cycle:
 * `simavr <part> <hertz> <elf> [<plan> <counts>]`. With a plan it counts instructions and their cycles (see counts.h).
 * `SPIKEC_WATCH=B5 SPIKEC_EDGES=<file>` in its environment: it writes down each edge of that pin, its cycle and its level.
 *
 * A program of the computer, not of the chip. Its first line says which pseudo-terminal. Simulated time runs as fast as it
 * can while the chip works; while it sleeps, this program sleeps, until a byte comes. It ends with its standard input.
 */
#define _XOPEN_SOURCE 600

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

#include "counts.h"

#define LOOK_CYCLES 2000 /* how often a working chip's line is looked at */
#define SLEEP_MS 20

static int line;
static bool ready = true; /* the USART takes bytes */
static avr_irq_t *input;
static FILE *edges;
static volatile sig_atomic_t told_to_end;

static void give_up(const char *what)
{
    perror(what);
    exit(3);
}

/* No echo, no translation of bytes; kept open, so that the line never reads as hung up. */
static void open_line(void)
{
    struct termios settings;
    line = posix_openpt(O_RDWR | O_NOCTTY);
    if (line < 0 || grantpt(line) != 0 || unlockpt(line) != 0) {
        give_up("posix_openpt");
    }
    int host_end = open(ptsname(line), O_RDWR | O_NOCTTY);
    if (host_end < 0 || tcgetattr(host_end, &settings) != 0) {
        give_up(ptsname(line));
    }
    settings.c_iflag = 0;
    settings.c_oflag = 0;
    settings.c_lflag = 0;
    settings.c_cflag = CS8 | CREAD | CLOCAL;
    if (tcsetattr(host_end, TCSANOW, &settings) != 0) {
        give_up("tcsetattr");
    }
    (void)printf("the serial line is %s\n", ptsname(line));
    (void)fflush(stdout);
}

/* Whether a byte has come, after at most `wait_ms`. Standard input that ends is the end of all. */
static bool byte_came(int wait_ms)
{
    struct pollfd ends[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = line, .events = POLLIN}};
    char told[64];
    if (poll(ends, 2, wait_ms) > 0 && ends[0].revents != 0 && read(STDIN_FILENO, told, sizeof told) <= 0) {
        exit(0);
    }
    return (ends[1].revents & POLLIN) != 0;
}

static void take_bytes(int wait_ms)
{
    while (ready && byte_came(wait_ms)) {
        uint8_t byte;
        if (read(line, &byte, 1) != 1) {
            return;
        }
        avr_raise_irq(input, byte);
        wait_ms = 0;
    }
}

static void on_output(avr_irq_t *irq, uint32_t byte, void *unused)
{
    uint8_t sent = (uint8_t)byte;
    (void)irq;
    (void)unused;
    if (write(line, &sent, 1) != 1) {
        give_up("the serial line");
    }
}

static void on_ready(avr_irq_t *irq, uint32_t value, void *now)
{
    (void)irq;
    (void)value;
    ready = now != NULL;
}

/* The chip sleeps: nothing but a byte (or its timer, which needs no real time to pass) wakes it. */
static void on_sleep(avr_t *avr, avr_cycle_count_t cycles)
{
    (void)avr;
    (void)cycles;
    take_bytes(SLEEP_MS);
}

static void connect_line(avr_t *avr)
{
    uint32_t flags = 0; /* neither its own sleeps nor its own printing */
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    input = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_output, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_ready, &ready);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_ready, NULL);
}

/* Pins are low at first, and told of also when they stay as they are. Flushed: whoever ends this program wants all edges. */
static void on_level(avr_irq_t *irq, uint32_t level, void *avr)
{
    static uint32_t now;
    (void)irq;
    if (level == now) {
        return;
    }
    now = level;
    (void)fprintf(edges, "%llu %u\n", (unsigned long long)((avr_t *)avr)->cycle, (unsigned)level);
    (void)fflush(edges);
}

/* The pin is a port's letter and a bit's digit; a pin of none of the chip's ports is an error, not a pin without edges. */
static void watch(avr_t *avr, const char *pin, const char *path)
{
    unsigned bit = (unsigned char)pin[0] != 0 ? (unsigned)(pin[1] - '0') : 8;
    avr_irq_t *irq = bit < 8 ? avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(pin[0]), (int)bit) : NULL;
    if (irq == NULL) {
        (void)fprintf(stderr, "there is no pin %s\n", pin);
        exit(2);
    }
    edges = fopen(path, "w");
    if (edges == NULL) {
        give_up(path);
    }
    avr_irq_register_notify(irq, on_level, avr);
}

static void on_term(int number)
{
    told_to_end = number;
}

/* Count from now on, instruction by instruction; written down at the end, also when we are told to end. */
static void start_counting(avr_t *avr, const char *plan, const char *out)
{
    struct sigaction action = {.sa_handler = on_term};
    if (!counts_open(plan, out) || atexit(counts_close) != 0 || sigaction(SIGTERM, &action, NULL) != 0) {
        give_up(plan);
    }
    avr->run_cycle_count = 1; /* avr_run() goes on with the next instruction only while cycles of this are left */
    avr->run_cycle_limit = 1;
}

/* LDS and STS, JMP and CALL have a second word: an address. */
static unsigned bytes_of(unsigned opcode)
{
    bool direct = (opcode & 0xFC0Fu) == 0x9000u, far = (opcode & 0xFE0Cu) == 0x940Cu;
    return direct || far ? 4 : 2;
}

/* Run an instruction and note its cycles. Those of a sleep are nobody's work: the instruction itself takes one. */
static int run_counted(avr_t *avr)
{
    uint32_t address = avr->pc;
    avr_cycle_count_t before = avr->cycle;
    if (avr->state != cpu_Running) {
        return avr_run(avr);
    }
    counts_execute(0, counts_find(address), address, bytes_of(avr->flash[address] | avr->flash[address + 1u] << 8));
    int state = avr_run(avr);
    counts_cores[0].cell->cycles += state == cpu_Sleeping ? 1 : avr->cycle - before;
    return state;
}

int main(int count, char **words)
{
    elf_firmware_t firmware = {0};
    bool counting = count == 6;
    if (count != 4 && !counting) {
        (void)fprintf(stderr, "usage: %s <part> <hertz> <elf> [<plan> <counts>]\n", words[0]);
        return 2;
    }
    avr_t *avr = avr_make_mcu_by_name(words[1]);
    if (avr == NULL || elf_read_firmware(words[3], &firmware) != 0) {
        (void)fprintf(stderr, "cannot simulate %s on %s\n", words[3], words[1]);
        return 2;
    }
    (void)avr_init(avr);
    avr->frequency = (uint32_t)strtoul(words[2], NULL, 10);
    avr_load_firmware(avr, &firmware);
    avr->sleep = on_sleep;
    connect_line(avr);
    if (getenv("SPIKEC_WATCH") != NULL && getenv("SPIKEC_EDGES") != NULL) {
        watch(avr, getenv("SPIKEC_WATCH"), getenv("SPIKEC_EDGES"));
    }
    if (counting) {
        start_counting(avr, words[4], words[5]);
    }
    open_line();
    int state = cpu_Running;
    avr_cycle_count_t looked = 0;
    while (state != cpu_Done && state != cpu_Crashed) {
        state = counting ? run_counted(avr) : avr_run(avr);
        if (told_to_end != 0) {
            return 0;
        }
        if (avr->cycle - looked > LOOK_CYCLES) {
            looked = avr->cycle;
            take_bytes(0);
        }
    }
    (void)fprintf(stderr, "the chip has %s\n", state == cpu_Crashed ? "crashed" : "stopped");
    return 1;
}
