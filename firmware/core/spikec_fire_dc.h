/*
 * spikec_fire_dc.h: SNN-DC (Yin et al. 2017, eqs 2 and 3) for one width of membranes. spikec_fire_dc.c includes it once
 * for each, with MEMBRANE, WIDTH(name) and HAS_WORDS defined; with HAS_WORD,
 * word_dc() does so many neurons or more.
 */

/* Up to 32 neurons. `each` is NULL where one threshold holds for all. */
static inline uint32_t WIDTH(fire)(const MEMBRANE *membrane, uint32_t count, MEMBRANE theta, const MEMBRANE *each)
{
    uint32_t word = 0, bit = 1;
#if defined(HAS_WORD)
    if (count >= HAS_WORD) {
        return word_dc(membrane, count, theta, each);
    }
#endif
    for (uint32_t i = 0; i < count; i++) {
        if (membrane[i] > (each != NULL ? each[i] : theta)) {
            word |= bit;
        }
        bit <<= 1;
    }
    return word;
}

void WIDTH(spikec_fire_dc)(const MEMBRANE *membrane, uint32_t size, MEMBRANE theta, uint32_t *spikes)
{
    uint32_t at = 0;
#if HAS_WORDS
    WIDTH(words_dc)(membrane, theta, spikes, size / 32u);
    spikes += size / 32u;
    at = size / 32u * 32u;
#endif
    for (; at < size; at += 32u) {
        *spikes++ = WIDTH(fire)(membrane + at, size - at < 32u ? size - at : 32u, theta, NULL);
    }
}

void WIDTH(spikec_fire_dc_each)(const MEMBRANE *membrane, uint32_t size, const MEMBRANE *theta, uint32_t theta_period,
                                uint32_t *spikes)
{
    spikec_cycle_t thetas = spikec_cycle(theta_period);
    for (uint32_t at = 0; at < size; at += 32u) {
        const MEMBRANE *own = theta + thetas.at;
#if HAS_WORDS
        if (size - at >= 32u && is_word(own)) {
            WIDTH(words_dc_each)(membrane + at, own, spikes++, 1);
        } else
#endif
        {
            *spikes++ = WIDTH(fire)(membrane + at, size - at < 32u ? size - at : 32u, 0, own);
        }
        spikec_cycle_on(&thetas, 1);
    }
}
