/*
 * spikec_fire_dc.h: SNN-DC (Yin et al. 2017, eqs 2 and 3) for one width of membranes. spikec_fire_dc.c includes it once
 * for each, with MEMBRANE and WIDTH(name) defined.
 */

/* Neuron n fires against theta[n * each]: each is 0 where one threshold holds for all. */
static inline void WIDTH(fire)(const MEMBRANE *membrane, uint32_t size, const MEMBRANE *theta, uint32_t each,
                               uint32_t *spikes)
{
    for (uint32_t from = 0; from < size; from += 32u) {
        uint32_t count = size - from < 32u ? size - from : 32u, word = 0;
        for (uint32_t i = 0; i < count; i++) {
            word |= (uint32_t)(membrane[from + i] > theta[(from + i) * each]) << i;
        }
        *spikes++ = word;
    }
}

void WIDTH(spikec_fire_dc)(const MEMBRANE *membrane, uint32_t size, MEMBRANE theta, uint32_t *spikes)
{
    WIDTH(fire)(membrane, size, &theta, 0, spikes);
}

void WIDTH(spikec_fire_dc_each)(const MEMBRANE *membrane, uint32_t size, const MEMBRANE *theta, uint32_t *spikes)
{
    WIDTH(fire)(membrane, size, theta, 1, spikes);
}
