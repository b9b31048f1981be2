/*
 * spikec_fire_ct.h: SNN-CT (Yin et al. 2017, eqs 5 to 7) for one width of membranes. spikec_fire_ct.c includes it once
 * for each, with MEMBRANE and WIDTH(name) defined.
 */

/* Neuron n fires against theta[n * each]: each is 0 where one threshold holds for all. */
static inline void WIDTH(fire)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, const MEMBRANE *theta,
                               uint32_t each, uint32_t *spikes)
{
    for (uint32_t from = 0; from < size; from += 32u) {
        uint32_t count = size - from < 32u ? size - from : 32u, word = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t n = from + i;
            int32_t limit = theta[n * each], v = (int32_t)membrane[n] + bias[n];
            bool fired = v > limit;
            membrane[n] = (MEMBRANE)(fired ? v - limit : v);
            word |= (uint32_t)fired << i;
        }
        *spikes++ = word;
    }
}

void WIDTH(spikec_fire_ct)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, MEMBRANE theta, uint32_t *spikes)
{
    WIDTH(fire)(membrane, size, bias, &theta, 0, spikes);
}

void WIDTH(spikec_fire_ct_each)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, const MEMBRANE *theta,
                                uint32_t *spikes)
{
    WIDTH(fire)(membrane, size, bias, theta, 1, spikes);
}
