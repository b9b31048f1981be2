/*
 * ina_bench.c: the firmware of a meter's board on a simulated AVR, with an INA226 or INA228 on its bus.
 *
 * `ina_bench <part> <hertz> <elf> <226|228> <speed> <schedule>` prints what the board sends. A line of the schedule is
 * `<microseconds> <marker> <nanovolts>`: from then on the marker has that level and the shunt that voltage; the last line
 * ends it. `speed`: how fast the chip's clock is (1 is nominal). Without a chip: 0; with one whose ALERT has no wire: below.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_time.h>

#define MAX_SEGMENTS 200000
#define ADDRESS 0x40u
#define BUS_NV 3.3e9

typedef struct {
    double at; /* microseconds */
    int level;
    double nanovolts;
} segment_t;

static segment_t segments[MAX_SEGMENTS];
static int segment_count;
static avr_t *avr;
static avr_irq_t *alert, *marker;
static bool wide;    /* an INA228 */
static bool unwired; /* its ALERT */
static double speed;

static struct {
    bool selected;
    int written;
    int read;
    uint8_t pointer;
    uint32_t registers[256];
    double started, shunt_us, bus_us; /* of the conversion under way */
} chip;

static double microseconds(void)
{
    return (double)avr->cycle * 1e6 / avr->frequency;
}

static double mean_of(double from, double to)
{
    static int first;
    double sum = 0;
    while (first + 1 < segment_count && segments[first + 1].at <= from) {
        first++;
    }
    for (int i = first; i < segment_count && segments[i].at < to; i++) {
        double begin = segments[i].at > from ? segments[i].at : from;
        double end = i + 1 < segment_count && segments[i + 1].at < to ? segments[i + 1].at : to;
        sum += (end - begin) * segments[i].nanovolts;
    }
    return sum / (to - from);
}

static uint8_t flags_register(void)
{
    return wide ? 0x0B : 0x06;
}

static void convert(double shunt, double bus_nv)
{
    if (wide) {
        chip.registers[0x04] = (uint32_t)((int32_t)(shunt / 312.5 + 0.5) * 16) & 0xFFFFFFu;
        chip.registers[0x05] = (uint32_t)(bus_nv / 195312.5 + 0.5) << 4;
    } else {
        chip.registers[0x01] = (uint32_t)(int32_t)(shunt / 2500 + 0.5) & 0xFFFFu;
        chip.registers[0x02] = (uint32_t)(bus_nv / 1.25e6 + 0.5);
    }
    chip.registers[flags_register()] |= wide ? 0x0002u : 0x0008u;
    if (!unwired && (chip.registers[flags_register()] & (wide ? 0x4000u : 0x0400u)) != 0) {
        avr_raise_irq(alert, 0);
    }
}

/* A conversion has ended, and the next begins: first the shunt's voltage. */
static avr_cycle_count_t on_end(avr_t *unused, avr_cycle_count_t when, void *param)
{
    (void)unused;
    (void)param;
    convert(mean_of(chip.started, chip.started + chip.shunt_us), BUS_NV);
    chip.started += chip.shunt_us + chip.bus_us;
    return when + (avr_cycle_count_t)((chip.shunt_us + chip.bus_us) * avr->frequency / 1e6);
}

static void configure(uint32_t value)
{
    static const double small[] = {140, 204, 332, 588, 1100, 2116, 4156, 8244};
    static const double large[] = {50, 84, 150, 280, 540, 1052, 2074, 4120};
    avr_cycle_timer_cancel(avr, on_end, NULL);
    if (wide ? value >> 12 != 0xBu || (value & 7u) != 0 : (value & 7u) != 7u || (value & 0x0E00u) != 0) {
        return; /* not both voltages, or averaged */
    }
    chip.bus_us = (wide ? large[value >> 9 & 7u] : small[value >> 6 & 7u]) / speed;
    chip.shunt_us = (wide ? large[value >> 6 & 7u] : small[value >> 3 & 7u]) / speed;
    chip.started = microseconds();
    avr_cycle_timer_register_usec(avr, (uint32_t)(chip.shunt_us + chip.bus_us), on_end, NULL);
}

static void take(uint8_t byte)
{
    if (chip.written++ == 0) {
        chip.pointer = byte;
        return;
    }
    uint32_t *there = &chip.registers[chip.pointer];
    *there = (*there << 8 | byte) & 0xFFFFu;
    if (chip.written == 3 && chip.pointer == (wide ? 0x01 : 0x00)) {
        configure(*there);
    }
}

/* Reading the flags clears the one of a finished conversion, and ALERT with it. */
static uint8_t give(void)
{
    bool is_flags = chip.pointer == flags_register();
    int bytes = wide && (chip.pointer == 0x04 || chip.pointer == 0x05) ? 3 : 2;
    uint8_t byte = (uint8_t)(chip.registers[chip.pointer] >> 8 * (bytes - 1 - chip.read));
    if (++chip.read == bytes && is_flags) {
        chip.registers[chip.pointer] &= wide ? ~0x0002u : ~0x0008u;
        avr_raise_irq(alert, 1);
    }
    return byte;
}

/* ---- the bus: simavr's own does not clear TWINT for programs that look at it, and knows no bit rate ---- */

enum { TWBR = 0xB8, TWSR = 0xB9, TWDR = 0xBB, TWCR = 0xBC };
enum { TWEN = 1 << 2, TWSTO = 1 << 4, TWSTA = 1 << 5, TWEA = 1 << 6, TWINT = 1 << 7 };

static struct {
    bool open;      /* between START and STOP */
    bool addressed; /* START was sent, and the address */
    bool reading;
    uint8_t status; /* when the byte under way is through */
    int received;   /* its value, where it is the chip's; else -1 */
} master;

static avr_cycle_count_t on_through(avr_t *unused, avr_cycle_count_t when, void *param)
{
    (void)unused;
    (void)when;
    (void)param;
    if (master.received >= 0) {
        avr->data[TWDR] = (uint8_t)master.received;
    }
    avr->data[TWSR] = (uint8_t)((avr->data[TWSR] & 7u) | master.status);
    avr->data[TWCR] |= TWINT;
    return 0;
}

static void in_bits(uint32_t bits, uint8_t status, int received)
{
    master.status = status;
    master.received = received;
    avr_cycle_timer_register(avr, bits * (16u + 2u * avr->data[TWBR]), on_through, NULL);
}

static void send_address(uint8_t byte)
{
    bool here = speed > 0 && byte >> 1 == ADDRESS;
    master.addressed = true;
    master.reading = (byte & 1u) != 0;
    chip.selected = here;
    chip.read = chip.written = 0;
    in_bits(9, master.reading ? (here ? 0x40 : 0x48) : (here ? 0x18 : 0x20), -1);
}

static void on_control(avr_t *unused, avr_io_addr_t address, uint8_t value, void *param)
{
    (void)unused;
    (void)param;
    avr->data[address] = value & (uint8_t)~(TWINT | TWSTO);
    if ((value & TWEN) == 0 || (value & TWINT) == 0) {
        return;
    }
    if ((value & TWSTO) != 0) {
        master.open = chip.selected = false;
    } else if ((value & TWSTA) != 0) {
        in_bits(1, master.open ? 0x10 : 0x08, -1);
        master.open = true;
        master.addressed = false;
    } else if (master.open && !master.addressed) {
        send_address(avr->data[TWDR]);
    } else if (chip.selected && master.reading) {
        in_bits(9, (value & TWEA) != 0 ? 0x50 : 0x58, give());
    } else if (chip.selected) {
        take(avr->data[TWDR]);
        in_bits(9, 0x28, -1);
    }
}

static avr_cycle_count_t on_segment(avr_t *unused, avr_cycle_count_t when, void *param)
{
    static int at;
    static int now; /* low at first, and only edges are told */
    (void)unused;
    (void)when;
    (void)param;
    if (segments[at].level != now) {
        now = segments[at].level;
        avr_raise_irq(marker, (uint32_t)now);
    }
    for (at++; at < segment_count && segments[at].level == segments[at - 1].level; at++) {
    }
    return at < segment_count ? (avr_cycle_count_t)(segments[at].at * avr->frequency / 1e6) : 0;
}

static void on_sent(avr_irq_t *irq, uint32_t byte, void *param)
{
    (void)irq;
    (void)param;
    (void)putchar((int)byte);
}

static void connect(bool mega)
{
    uint32_t flags = 0;
    char port = mega ? 'E' : 'D';
    alert = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), mega ? 4 : 2);
    marker = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), mega ? 5 : 3);
    avr->io[AVR_DATA_TO_IO(TWCR)].w.c = on_control;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_sent, NULL);
    avr_raise_irq(alert, 1); /* not the marker: a low pin starts simavr's interrupts by level before they are set up */
}

static bool read_schedule(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    segment_t *next = segments;
    while (segment_count < MAX_SEGMENTS &&
           fscanf(file, "%lf %d %lf", &next->at, &next->level, &next->nanovolts) == 3) {
        segment_count++;
        next++;
    }
    (void)fclose(file);
    return segment_count > 1;
}

int main(int count, char **words)
{
    elf_firmware_t firmware = {0};
    if (count != 7 || elf_read_firmware(words[3], &firmware) != 0 || !read_schedule(words[6])) {
        (void)fprintf(stderr, "usage: %s <part> <hertz> <elf> <226|228> <speed> <schedule>\n", words[0]);
        return 2;
    }
    avr = avr_make_mcu_by_name(words[1]);
    (void)avr_init(avr);
    avr->frequency = (uint32_t)strtoul(words[2], NULL, 10);
    avr_load_firmware(avr, &firmware);
    wide = strcmp(words[4], "228") == 0;
    speed = strtod(words[5], NULL);
    unwired = speed < 0;
    speed = unwired ? 1 : speed;
    chip.registers[wide ? 0x01 : 0x00] = wide ? 0xFB68u : 0x4127u; /* after power-on */
    connect(strcmp(words[1], "atmega2560") == 0);
    avr_cycle_timer_register(avr, (avr_cycle_count_t)(segments[0].at * avr->frequency / 1e6) + 1, on_segment, NULL);
    while (microseconds() < segments[segment_count - 1].at) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) {
            (void)fprintf(stderr, "the chip has stopped\n");
            return 1;
        }
    }
    return 0;
}
