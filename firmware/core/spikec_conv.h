/*
 * spikec_conv.h: convolution for one width of membranes and one order of weights. spikec_conv.c includes it once for each,
 * with MEMBRANE and NAME(name) defined.
 */

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
            const int8_t *weight = conv->weight + (place - column * channels) * conv->kernel;
            synops += NAME(add_kernel)(conv, row, conv->column + column, weight, membrane);
        }
    }
    return synops;
}
