/*
 * spikec_fire_ct.h: SNN-CT (Yin et al. 2017, eqs 5 to 7) for one width of membranes. spikec_fire_ct.c includes it once
 * for each, with MEMBRANE and WIDTH(name) defined.
 */

/* One word of spikes. `each` is NULL where one threshold holds for all. */
static inline uint32_t WIDTH(fire)(MEMBRANE *membrane, uint32_t count, const MEMBRANE *bias, MEMBRANE theta,
                                   const MEMBRANE *each)
{
    uint32_t word = 0, bit = 1;
    for (uint32_t i = 0; i < count; i++) {
        int32_t limit = each != NULL ? each[i] : theta, v = (int32_t)membrane[i] + bias[i];
        if (v > limit) {
            v -= limit;
            word |= bit;
        }
        membrane[i] = (MEMBRANE)v;
        bit <<= 1;
    }
    return word;
}

void WIDTH(spikec_fire_ct)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, MEMBRANE theta, uint32_t *spikes)
{
    for (uint32_t at = 0; at < size; at += 32u) {
        *spikes++ = WIDTH(fire)(membrane + at, size - at < 32u ? size - at : 32u, bias + at, theta, NULL);
    }
}

void WIDTH(spikec_fire_ct_each)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, const MEMBRANE *theta,
                                uint32_t *spikes)
{
    for (uint32_t at = 0; at < size; at += 32u) {
        *spikes++ = WIDTH(fire)(membrane + at, size - at < 32u ? size - at : 32u, bias + at, 0, theta + at);
    }
}
