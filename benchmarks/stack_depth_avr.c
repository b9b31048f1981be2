/*
 * stack_depth_avr.c: what is linked around firmware/emulators/simavr.c to see how deep the stack of an AVR gets.
 *
 * The simulator's calls of avr_run() come here. The memory from WATCH_START to WATCH_STOP gets marks before the first
 * instruction; when fewer of them are left than before, the whole of it is written to WATCH_FILE, while the chip sleeps.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/sim_avr.h>

static uint32_t setting(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL) {
        (void)fprintf(stderr, "%s is not set\n", name);
        exit(2);
    }
    return (uint32_t)strtoul(value, NULL, 10);
}

/* The file appears whole: it is read while the chip goes on. */
static void save(const uint8_t *memory, uint32_t size)
{
    char aside[4096];
    (void)snprintf(aside, sizeof aside, "%s.part", getenv("WATCH_FILE"));
    FILE *file = fopen(aside, "wb");
    if (file == NULL || fwrite(memory, 1, size, file) != size || fclose(file) != 0 ||
        rename(aside, getenv("WATCH_FILE")) != 0) {
        perror(aside);
        exit(3);
    }
}

int watched_run(avr_t *avr);

int watched_run(avr_t *avr)
{
    static uint32_t start, size, left, mark;
    static int before;
    if (size == 0) {
        start = setting("WATCH_START");
        size = setting("WATCH_STOP") - start;
        mark = setting("WATCH_MARK");
        left = size + 1;
        memset(avr->data + start, (int)mark, size);
    }
    int state = avr_run(avr);
    if (state == cpu_Sleeping && before != cpu_Sleeping) {
        uint32_t unused = 0;
        while (unused < size && avr->data[start + unused] == mark) {
            unused++;
        }
        if (unused < left) {
            left = unused;
            save(avr->data + start, size);
        }
    }
    before = state;
    return state;
}
