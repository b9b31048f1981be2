/*
 * spikec_fire_ct_avr.h: SNN-CT on AVR for one width of membranes, bit-equal to spikec_fire_ct.h: spikes are gathered by
 * bytes, as words take a machine of eight bits long. spikec_fire_ct.c includes it once for each, with MEMBRANE,
 * WIDTH(name) and HAS_ROUTINE defined.
 */

#if HAS_ROUTINE
SPIKEC_AVR_FIRE(spikec_avr_fire_ct, SPIKEC_AVR_CT);
uint8_t *spikec_avr_fire_ct(int16_t *membrane, uint16_t size, const int16_t *bias, int16_t theta, uint8_t *to);
#endif

/* `count` neurons; `each` is NULL where one threshold holds for all. Returns what is behind their bytes. */
static OUT_OF_LINE uint8_t *WIDTH(fire)(MEMBRANE *membrane, uint16_t count, const MEMBRANE *bias, MEMBRANE theta,
                                        const MEMBRANE *each, uint8_t *to)
{
    while (count > 0) {
        uint8_t now = count < 8u ? (uint8_t)count : 8u, byte = 0;
        for (uint8_t i = 0, bit = 1; i < now; i++, bit = (uint8_t)(bit << 1)) {
            MEMBRANE limit = each != NULL ? each[i] : theta, v = (MEMBRANE)(membrane[i] + bias[i]);
            if (v > limit) {
                v = (MEMBRANE)(v - limit);
                byte |= bit;
            }
            membrane[i] = v;
        }
        *to++ = byte;
        count -= now;
        membrane += now;
        bias += now;
        each = each != NULL ? each + now : NULL;
    }
    return to;
}

/* The same with one threshold for all. */
static inline uint8_t *WIDTH(fire_alike)(MEMBRANE *membrane, uint16_t count, const MEMBRANE *bias, MEMBRANE theta,
                                         uint8_t *to)
{
#if HAS_ROUTINE
    return spikec_avr_fire_ct(membrane, count, bias, theta, to);
#else
    return WIDTH(fire)(membrane, count, bias, theta, NULL, to);
#endif
}

/* With biases that repeat, as a function of its own: it needs many registers. */
static OUT_OF_LINE void WIDTH(fire_cycle)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, uint32_t bias_period,
                                          MEMBRANE theta, uint32_t *spikes)
{
    uint8_t *to = (uint8_t *)spikes;
    spikec_cycle_t biases = spikec_cycle(bias_period);
    for (uint16_t left = (uint16_t)size, now; left > 0; left -= now, membrane += 32) {
        now = left < 32u ? left : 32u;
        to = WIDTH(fire_alike)(membrane, now, bias + biases.at, theta, to);
        spikec_cycle_on(&biases, 1);
    }
    fill_word(spikes, to);
}

void WIDTH(spikec_fire_ct)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, uint32_t bias_period, MEMBRANE theta,
                           uint32_t *spikes)
{
    if ((uint16_t)bias_period >= (uint16_t)size) {
        fill_word(spikes, WIDTH(fire_alike)(membrane, (uint16_t)size, bias, theta, (uint8_t *)spikes));
    } else {
        WIDTH(fire_cycle)(membrane, size, bias, bias_period, theta, spikes);
    }
}

void WIDTH(spikec_fire_ct_each)(MEMBRANE *membrane, uint32_t size, const MEMBRANE *bias, uint32_t bias_period,
                                const MEMBRANE *theta, uint32_t theta_period, uint32_t *spikes)
{
    uint8_t *to = (uint8_t *)spikes;
    spikec_cycle_t biases = spikec_cycle(bias_period), thetas = spikec_cycle(theta_period);
    for (uint16_t left = (uint16_t)size, now; left > 0; left -= now, membrane += 32) {
        now = left < 32u ? left : 32u;
        to = WIDTH(fire)(membrane, now, bias + biases.at, 0, theta + thetas.at, to);
        spikec_cycle_on(&biases, 1);
        spikec_cycle_on(&thetas, 1);
    }
    fill_word(spikes, to);
}
