/*
 * spikec_fire_dc.h: SNN-DC (Yin et al. 2017, eqs 2 and 3) for one width of membranes. spikec_fire_dc.c includes it once
 * for each, with MEMBRANE, WIDTH(name) and HAS_SIXTEEN defined, and HAS_WORD where an instruction set has all of it.
 */

/* One word of spikes. `each` is NULL where one threshold holds for all. */
static inline uint32_t WIDTH(fire)(const MEMBRANE *membrane, uint32_t count, MEMBRANE theta, const MEMBRANE *each)
{
#if defined(HAS_WORD)
    return word_dc(membrane, count, theta, each);
#else
    uint32_t word = 0, bit = 1;
#if HAS_SIXTEEN
    if (count == 32u) {
        word = sixteen_dc(membrane, SIXTEEN_OF(theta), each);
        return word | sixteen_dc(membrane + 16, SIXTEEN_OF(theta), each != NULL ? each + 16 : NULL) << 16;
    }
#endif
    for (uint32_t i = 0; i < count; i++) {
        if (membrane[i] > (each != NULL ? each[i] : theta)) {
            word |= bit;
        }
        bit <<= 1;
    }
    return word;
#endif
}

void WIDTH(spikec_fire_dc)(const MEMBRANE *membrane, uint32_t size, MEMBRANE theta, uint32_t *spikes)
{
    for (uint32_t at = 0; at < size; at += 32u) {
        *spikes++ = WIDTH(fire)(membrane + at, size - at < 32u ? size - at : 32u, theta, NULL);
    }
}

void WIDTH(spikec_fire_dc_each)(const MEMBRANE *membrane, uint32_t size, const MEMBRANE *theta, uint32_t theta_period,
                                uint32_t *spikes)
{
    spikec_cycle_t thetas = spikec_cycle(theta_period);
    for (uint32_t at = 0; at < size; at += 32u) {
        *spikes++ = WIDTH(fire)(membrane + at, size - at < 32u ? size - at : 32u, 0, theta + thetas.at);
        spikec_cycle_on(&thetas);
    }
}
