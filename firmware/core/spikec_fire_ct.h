/*
 * spikec_fire_ct.h: SNN-CT (Yin et al. 2017, eqs 5 to 7) for one width of membranes. spikec_fire_ct.c includes it once
 * for each, with MEMBRANE, WIDTH(name), HAS_WORDS and HAS_QUIET defined; with HAS_WORD,
 * word_ct() does so many neurons or more.
 */

/* Up to 32 neurons. `each` is NULL where one threshold holds for all. */
static inline uint32_t WIDTH(fire)(MEMBRANE *membrane, uint32_t count, const MEMBRANE *bias, MEMBRANE theta,
                                   const MEMBRANE *each)
{
    uint32_t word = 0, bit = 1;
#if defined(HAS_WORD)
    if (count >= HAS_WORD) {
        return word_ct(membrane, count, bias, theta, each);
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
}

void WIDTH(spikec_fire_ct)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, uint32_t bias_period, MEMBRANE theta,
                           uint32_t *spikes)
{
    spikec_cycle_t biases = spikec_cycle(bias_period);
    uint32_t at = 0, words;
#if HAS_QUIET
    if (bias_period < size && bias_period % 2u == 0 && theta >= 0) {
        words = size / 32u;
        WIDTH(quiet_ct)(membrane, bias, bias_period, theta, spikes, words);
        at = 32u * words;
        spikes += words;
        biases.at = at % bias_period;
    }
#endif
    for (; at < size; at += 32u * words, spikes += words) {
#if HAS_WORDS /* which take no negative threshold in lanes of 16 bits */
        words = spikec_cycle_words(&biases, size - at);
        if (words != 0 && theta >= 0 && is_word(bias + biases.at)) {
            WIDTH(words_ct)(membrane + at, bias + biases.at, theta, spikes, words);
            spikec_cycle_on(&biases, words);
            continue;
        }
#endif
        words = 1;
        *spikes = WIDTH(fire)(membrane + at, size - at < 32u ? size - at : 32u, bias + biases.at, theta, NULL);
        spikec_cycle_on(&biases, words);
    }
}

void WIDTH(spikec_fire_ct_each)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, uint32_t bias_period,
                                const MEMBRANE *theta, uint32_t theta_period, uint32_t *spikes)
{
    spikec_cycle_t biases = spikec_cycle(bias_period), thetas = spikec_cycle(theta_period);
    for (uint32_t at = 0; at < size; at += 32u) {
        const MEMBRANE *own_bias = bias + biases.at, *own_theta = theta + thetas.at;
#if HAS_WORDS
        if (size - at >= 32u && is_word(own_bias) && is_word(own_theta)) {
            WIDTH(words_ct_each)(membrane + at, own_bias, own_theta, spikes++, 1);
        } else
#endif
        {
            *spikes++ = WIDTH(fire)(membrane + at, size - at < 32u ? size - at : 32u, own_bias, 0, own_theta);
        }
        spikec_cycle_on(&biases, 1);
        spikec_cycle_on(&thetas, 1);
    }
}
