/*
 * spikec_fire_ct.h: SNN-CT (Yin et al. 2017, eqs 5 to 7) for one width of membranes. spikec_fire_ct.c includes it once
 * for each, with MEMBRANE, WIDTH(name) and HAS_SIXTEEN defined, and HAS_WORD where an instruction set has all of it.
 */

/* One word of spikes. `each` is NULL where one threshold holds for all. */
static inline uint32_t WIDTH(fire)(MEMBRANE *membrane, uint32_t count, const MEMBRANE *bias, MEMBRANE theta,
                                   const MEMBRANE *each)
{
#if defined(HAS_WORD)
    return word_ct(membrane, count, bias, theta, each);
#else
    uint32_t word = 0, bit = 1;
#if HAS_SIXTEEN
    if (count == 32u) {
        word = sixteen_ct(membrane, bias, SIXTEEN_OF(theta), each);
        return word | sixteen_ct(membrane + 16, bias + 16, SIXTEEN_OF(theta), each != NULL ? each + 16 : NULL) << 16;
    }
#endif
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
#endif
}

void WIDTH(spikec_fire_ct)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, uint32_t bias_period, MEMBRANE theta,
                           uint32_t *spikes)
{
    spikec_cycle_t biases = spikec_cycle(bias_period);
    for (uint32_t at = 0; at < size; at += 32u) {
        uint32_t count = size - at < 32u ? size - at : 32u;
        *spikes++ = WIDTH(fire)(membrane + at, count, bias + biases.at, theta, NULL);
        spikec_cycle_on(&biases);
    }
}

void WIDTH(spikec_fire_ct_each)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, uint32_t bias_period,
                                const MEMBRANE *theta, uint32_t theta_period, uint32_t *spikes)
{
    spikec_cycle_t biases = spikec_cycle(bias_period), thetas = spikec_cycle(theta_period);
    for (uint32_t at = 0; at < size; at += 32u) {
        uint32_t count = size - at < 32u ? size - at : 32u;
        *spikes++ = WIDTH(fire)(membrane + at, count, bias + biases.at, 0, theta + thetas.at);
        spikec_cycle_on(&biases);
        spikec_cycle_on(&thetas);
    }
}
