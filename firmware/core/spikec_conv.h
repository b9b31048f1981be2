/*
 * spikec_conv.h: convolution for one width of membranes and one order of weights. spikec_conv.c includes it once for
 * each, with MEMBRANE and NAME(name) defined; and HAS_RUNS, where kernels take all runs of a spike at once, or else
 * ADD, which adds one run; HAS_PAIRS, where they take two spikes; and HAS_LANES, where membranes must be in lanes for
 * that.
 */

#if !HAS_RUNS

/* One spike: a run for each kernel row that meets the output. */
static OUT_OF_LINE void NAME(add_kernel)(const spikec_conv_t *conv, uint32_t rows, uint32_t count, const int8_t *weight,
                                         MEMBRANE *membrane)
{
    const uint32_t kernel_row = conv->kernel_row, out_row = conv->out_row;
    for (; rows > 0; rows--, weight += kernel_row, membrane += out_row) {
        ADD(membrane, weight, count);
    }
}

#endif

uint32_t NAME(spikec_conv)(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words, MEMBRANE *membrane)
{
    const uint32_t channels = conv->channels, in_row = conv->columns * channels;
    uint32_t row_end = 0, synops = 0, rows = 0; /* inputs up to the row's end; kernel rows that meet the output */
    const spikec_span_t *next_row = conv->row;
    const int8_t *row_weight = NULL;
    MEMBRANE *row_membrane = NULL;
#if HAS_RUNS
    spikec_runs_t runs = spikec_runs(conv, sizeof *membrane);
#endif
#if HAS_LANES
    spikec_window_t window = {0, 0};
#endif
    for (uint32_t i = 0; i < words; i++) {
        for (uint32_t word = spikes[i]; word != 0; word &= word - 1u) {
            const uint32_t first = spikec_trailing_zeros(word), input = 32u * i + first;
            if (input >= row_end) {
                do {
                    row_end += in_row;
                    next_row++;
                } while (input >= row_end);
                rows = next_row[-1].count;
                row_weight = conv->weight + next_row[-1].weight;
                row_membrane = membrane + next_row[-1].out;
#if HAS_RUNS
                runs.rows = rows;
#endif
#if HAS_LANES
                reach(&window, membrane, next_row[-1].out, rows * conv->out_row);
#endif
            }
            const uint32_t place = input - row_end + in_row, column = place * conv->inverse >> conv->shift;
            const uint32_t channel = place - column * channels;
            const spikec_span_t *span = conv->column + column;
            const int8_t *weight = row_weight + channel * conv->kernel + span->weight;
            uint32_t adds = rows * span->count;
            if (adds == 0) {
                continue;
            }
#if HAS_RUNS
            runs.count = span->count;
#if HAS_PAIRS
            const uint32_t rest = word & (word - 1u);
            if (rest != 0 && conv->pairs) { /* pairs over the edge of a word are left alone */
                const uint32_t apart = spikec_trailing_zeros(rest) - first;
                if (channel + apart < channels) {
                    NAME(spikec_conv_pair)(row_membrane + span->out, weight, weight + apart * conv->kernel, &runs);
                    synops += 2u * adds;
                    word = rest;
                    continue;
                }
            }
#endif
            NAME(spikec_conv_run)(row_membrane + span->out, weight, NULL, &runs);
#else
            NAME(add_kernel)(conv, rows, span->count, weight, row_membrane + span->out);
#endif
            synops += adds;
        }
    }
#if HAS_LANES
    flip(membrane + window.low, window.high - window.low);
#endif
    return synops;
}
