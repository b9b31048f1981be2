// bench.cpp: runs samples through a Verilator model of an engine, and writes down what came of them.
//
// Usage: bench SAMPLES RESULTS TRACE REPEATS. SAMPLES: u32 samples; for each u32 spikes, then (u16 step, u16 index) each.
// RESULTS, all u32 or i32: for each sample with TRACE, for each stop: layer, step, then spikes and membranes of its neurons;
// then 0xffffffff, cycles of the run, for each layer cycles, synaptic operations (low, high), spikes of each step; output
// spikes as bytes; membranes of the last layer; an answer for each head.
// `layers.inc` says what is to be read of each layer: it is generated beside this file's model.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "Vspikec_engine.h"
#include "verilated.h"

static Vspikec_engine *top;
static uint64_t cycles;

static void tick()
{
    top->clk = 1;
    top->eval();
    top->clk = 0;
    top->eval();
    if (++cycles % (UINT64_C(1) << 32) == 0) std::fputs("bench: still running\n", stderr);
}

static void wait(bool (*until)(), const char *what)
{
    for (uint64_t start = cycles; !until(); tick()) {
        if (cycles - start > 5000000) {
            std::fprintf(stderr, "bench: waited in vain for %s\n", what);
            std::exit(3);
        }
    }
}

// `width` bits of a signal from bit `at` on, sign-extended: signals of up to 32, of up to 64, and of more bits.
template <class Signal> static uint64_t part(const Signal &signal, unsigned at)
{
    return static_cast<uint64_t>(signal) >> at;
}
template <std::size_t WORDS> static uint64_t part(const VlWide<WORDS> &signal, unsigned at)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 3 && at / 32 + i < WORDS; i++) {
        uint64_t word = signal[at / 32 + i];
        int shift = static_cast<int>(32 * i) - static_cast<int>(at % 32);
        if (shift < 64) value |= shift >= 0 ? word << shift : word >> -shift;
    }
    return value;
}
template <class Signal> static int32_t number(const Signal &signal, unsigned at, unsigned width)
{
    uint64_t value = part(signal, at);
    if (width < 64) value = static_cast<uint64_t>(static_cast<int64_t>(value << (64 - width)) >> (64 - width));
    return static_cast<int32_t>(value);
}

static FILE *results;
static void put(uint32_t value) { std::fwrite(&value, sizeof value, 1, results); }

static uint32_t get(unsigned what, unsigned layer, unsigned index)
{
    top->read = 1;
    top->read_what = what;
    top->read_layer = layer;
    top->read_index = index;
    tick();
    top->read = 0;
    wait([] { return bool(top->read_valid); }, "an answer");
    uint32_t value = top->read_data;
    tick();
    return value;
}

#include "layers.inc" // LAYERS, STEPS, HEADS, sizes[], and put_turn(layer, turn)

static void put_stop()
{
    unsigned layer = top->trace_layer;
    put(layer);
    put(top->trace_step);
    top->probe = 1;
    for (unsigned turn = 0; turn < turns[layer]; turn++) {
        top->probe_turn = turn;
        tick();
        tick();
        put_turn(layer, turn);
    }
    top->probe = 0;
    top->trace_next = 1;
    tick();
    top->trace_next = 0;
}

static void put_results()
{
    put(UINT32_MAX);
    put(get(0, 0, 0));
    for (unsigned layer = 0; layer < LAYERS; layer++) {
        for (unsigned what = 1; what <= 3; what++) put(get(what, layer, 0));
        for (unsigned step = 0; step < STEPS; step++) put(get(4, layer, step));
    }
    unsigned outputs = sizes[LAYERS - 1];
    for (unsigned byte = 0; byte < STEPS * ((outputs + 7) / 8); byte++) put(get(5, 0, byte));
    for (unsigned output = 0; output < outputs; output++) put(get(6, LAYERS - 1, output));
    for (unsigned head = 0; head < HEADS; head++) put(get(8, 0, head));
}

static uint32_t u32(FILE *file)
{
    uint32_t value = 0;
    if (std::fread(&value, sizeof value, 1, file) != 1) std::exit(4);
    return value;
}

int main(int argc, char **argv)
{
    if (argc != 5) return 2;
    FILE *samples = std::fopen(argv[1], "rb");
    results = std::fopen(argv[2], "wb");
    if (samples == nullptr || results == nullptr) return 2;
    bool trace = std::atoi(argv[3]) != 0;
    top = new Vspikec_engine;
    top->rst = 1;
    for (int i = 0; i < 4; i++) tick();
    top->rst = 0;
    top->trace_on = trace;
    top->repeats = static_cast<uint32_t>(std::atoi(argv[4]));
    for (uint32_t left = u32(samples); left > 0; left--) {
        top->clear = 1;
        tick();
        top->clear = 0;
        for (uint32_t spikes = u32(samples); spikes > 0; spikes--) {
            uint32_t spike = u32(samples);
            top->set = 1;
            top->set_step = spike & 0xFFFF;
            top->set_index = spike >> 16;
            tick();
            wait([] { return bool(top->set_ready); }, "room for a spike");
            tick();
            top->set = 0;
        }
        top->start = 1;
        tick();
        top->start = 0;
        while (top->running) {
            if (top->trace_stop) put_stop();
            else wait([] { return !top->running || top->trace_stop; }, "the end");
        }
        put_results();
    }
    std::fclose(results);
    return 0;
}
