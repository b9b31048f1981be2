/*
 * counts.h: what an emulator counts of every instruction: by address, by the layer in work, and by who called.
 *
 * The host writes a plan, a line for each function of the firmware: `kind layer phase start end`. Kinds:
 *   s  the step of a layer, which makes that layer the one in work
 *   k  a kernel: it counts for the layer in work
 *   h  a helper of the compiler (division, memcpy): it counts for the layer and the phase of who called it
 *   i  an interrupt: it counts for itself, and whoever it has interrupted goes on as if nothing had happened
 *   o  everything else: no layer is in work any more
 * Layers and phases are the host's numbers; layer 0 is none. At the end every instruction that ran is a line
 * `layer phase address executed followed loads stores cycles`, where `followed` says how often the instruction that lies
 * before it ran right before it: all other ways to it are jumps.
 */
#ifndef COUNTS_H
#define COUNTS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNTS_PHASES 32u
#define COUNTS_LAYERS 256u
#define COUNTS_CONTEXTS (COUNTS_PHASES * COUNTS_LAYERS)
#define COUNTS_STEP 2u /* bytes between instructions at least, on all our cores */
#define COUNTS_CORES 8u

typedef struct {
    uint64_t executed, followed, loads, stores, cycles;
} counts_cell_t;

typedef struct {
    char kind;
    unsigned layer, phase;
    uint64_t start, end;
    counts_cell_t *cells[COUNTS_CONTEXTS]; /* for each context that it ran in, a cell for each address */
} counts_function_t;

/* What one core is at: the layer and the phase in work, the address behind the last instruction, and its cell. */
typedef struct {
    unsigned layer, phase;
    uint64_t behind, interrupt_behind;
    counts_cell_t *cell;
} counts_core_t;

static counts_function_t *counts_functions;
static size_t counts_size;
static counts_core_t counts_cores[COUNTS_CORES];
static counts_cell_t counts_elsewhere; /* code of no function */
static const char *counts_out;

static void *counts_zeros(size_t count, size_t size)
{
    void *zeros = calloc(count, size);
    if (zeros == NULL) {
        (void)fprintf(stderr, "no memory is left for counts\n");
        exit(3);
    }
    return zeros;
}

/* Read the plan; what was counted will go to `out`. Says whether the plan could be read. */
static bool counts_open(const char *plan, const char *out)
{
    size_t room;
    FILE *file = fopen(plan, "r");
    if (file == NULL || fscanf(file, "%zu", &room) != 1) {
        return false;
    }
    counts_out = out;
    counts_functions = counts_zeros(room, sizeof *counts_functions);
    for (; counts_size < room; counts_size++) {
        counts_function_t *self = &counts_functions[counts_size];
        if (fscanf(file, " %c %u %u %" SCNx64 " %" SCNx64, &self->kind, &self->layer, &self->phase, &self->start,
                   &self->end) != 5 || self->layer >= COUNTS_LAYERS || self->phase >= COUNTS_PHASES) {
            return false;
        }
    }
    return fclose(file) == 0;
}

/* The function at an address (they are sorted), or NULL. */
static counts_function_t *counts_find(uint64_t address)
{
    size_t low = 0, high = counts_size;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (counts_functions[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < counts_size && counts_functions[low].start <= address ? &counts_functions[low] : NULL;
}

static unsigned counts_context(counts_core_t *core, const counts_function_t *self)
{
    switch (self->kind) {
    case 'h':
        return core->layer * COUNTS_PHASES + core->phase;
    case 'i':
        return 0;
    case 'k':
        core->phase = self->phase;
        return core->layer * COUNTS_PHASES;
    default:
        core->layer = self->layer;
        core->phase = self->phase;
        return core->layer * COUNTS_PHASES;
    }
}

/* An instruction of `size` bytes runs on a core; `self` is its function, or NULL. */
static void counts_execute(unsigned core_number, counts_function_t *self, uint64_t address, unsigned size)
{
    counts_core_t *core = &counts_cores[core_number % COUNTS_CORES];
    uint64_t *behind = self != NULL && self->kind == 'i' ? &core->interrupt_behind : &core->behind;
    core->cell = &counts_elsewhere;
    if (self != NULL) {
        counts_cell_t **cells = &self->cells[counts_context(core, self)];
        if (*cells == NULL) {
            *cells = counts_zeros((size_t)(self->end - self->start) / COUNTS_STEP + 1u, sizeof **cells);
        }
        core->cell = *cells + (address - self->start) / COUNTS_STEP;
    }
    core->cell->executed++;
    core->cell->followed += *behind == address;
    *behind = address + size;
}

static void counts_print(FILE *file, const counts_function_t *self, unsigned context)
{
    const counts_cell_t *cell = self->cells[context];
    for (uint64_t address = self->start; cell != NULL && address < self->end; address += COUNTS_STEP, cell++) {
        if (cell->executed != 0) {
            unsigned phase = self->kind == 'h' ? context % COUNTS_PHASES : self->phase;
            (void)fprintf(file,
                          "%u %u %" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                          context / COUNTS_PHASES, phase, address, cell->executed, cell->followed, cell->loads,
                          cell->stores, cell->cycles);
        }
    }
}

/* Write everything; the last line says that it is all. */
static void counts_close(void)
{
    FILE *file = fopen(counts_out, "w");
    if (file == NULL) {
        perror(counts_out);
        return;
    }
    for (size_t i = 0; i < counts_size; i++) {
        for (unsigned context = 0; context < COUNTS_CONTEXTS; context++) {
            counts_print(file, &counts_functions[i], context);
        }
    }
    (void)fprintf(file, "end %" PRIu64 "\n", counts_elsewhere.executed);
    if (fclose(file) != 0) {
        perror(counts_out);
    }
}

#endif
