/*
 * spikec_conv.h: convolution for one width of membranes and one order of weights. spikec_conv.c includes it once for each,
 * with MEMBRANE, NAME(name) and HAS_PAIRS defined.
 */

#if HAS_PAIRS

/* One spike, or two of the same pixel, of which `other` is the second one's weights: runs as below. */
static inline uint32_t NAME(add_kernel)(const spikec_conv_t *conv, const spikec_span_t *row,
                                        const spikec_span_t *column, const int8_t *weight, const int8_t *other,
                                        MEMBRANE *membrane)
{
    const uint32_t rows = row->count, count = column->count, from = row->weight + column->weight;
    if (rows == 0 || count == 0) {
        return 0;
    }
    spikec_runs_t runs = runs_of(conv, rows, count, sizeof *membrane);
    membrane += (uint32_t)row->out + column->out;
    if (other == NULL) {
        NAME(spikec_conv_run)(membrane, weight + from, NULL, &runs);
        return rows * count;
    }
    NAME(spikec_conv_pair)(membrane, weight + from, other + from, &runs);
    return 2u * rows * count;
}

#else

/* One spike: a run for each kernel row that meets the output. Returns how many additions that were. */
static OUT_OF_LINE uint32_t NAME(add_kernel)(const spikec_conv_t *conv, const spikec_span_t *row,
                                             const spikec_span_t *column, const int8_t *weight, MEMBRANE *membrane)
{
    const uint32_t rows = row->count, count = column->count, kernel_row = conv->kernel_row, out_row = conv->out_row;
    uint32_t from = row->weight + column->weight, to = (uint32_t)row->out + column->out;
    for (uint32_t left = rows; left > 0; left--, from += kernel_row, to += out_row) {
        NAME(add)(membrane + to, weight + from, count);
    }
    return rows * count;
}

#endif

uint32_t NAME(spikec_conv)(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words, MEMBRANE *membrane)
{
    const uint32_t channels = conv->channels, in_row = conv->columns * channels;
    const spikec_span_t *row = conv->row;
    uint32_t first = 0, synops = 0; /* `first` is the row's first input */
    for (uint32_t i = 0; i < words; i++) {
        for (uint32_t word = spikes[i]; word != 0; word &= word - 1u) {
            uint32_t place = 32u * i + spikec_trailing_zeros(word) - first;
            for (; place >= in_row; place -= in_row, first += in_row) {
                row++;
            }
            uint32_t column = place / channels; /* one division a spike, which adds hundreds of weights */
            uint32_t channel = place - column * channels;
            const int8_t *weight = conv->weight + channel * conv->kernel;
#if HAS_PAIRS
            const int8_t *other = NULL;
            uint32_t rest = word & (word - 1u);
            if (rest != 0 && conv->pairs) { /* pairs over the edge of a word are left alone */
                uint32_t apart = spikec_trailing_zeros(rest) - spikec_trailing_zeros(word);
                if (channel + apart < channels) {
                    other = weight + apart * conv->kernel;
                    word = rest;
                }
            }
            synops += NAME(add_kernel)(conv, row, conv->column + column, weight, other, membrane);
#else
            synops += NAME(add_kernel)(conv, row, conv->column + column, weight, membrane);
#endif
        }
    }
    return synops;
}
