/*
 * spikec_fire_dc_avr.h: SNN-DC on AVR for one width of membranes, bit-equal to spikec_fire_dc.h: spikes are gathered by
 * bytes. spikec_fire_dc.c includes it once for each, with MEMBRANE, WIDTH(name) and HAS_ROUTINE defined.
 */

#if HAS_ROUTINE
SPIKEC_AVR_FIRE(spikec_avr_fire_dc, SPIKEC_AVR_DC);
uint8_t *spikec_avr_fire_dc(const int16_t *membrane, uint16_t size, const int16_t *bias, int16_t theta, uint8_t *to);
#endif

/* `count` neurons; `each` is NULL where one threshold holds for all. Returns what is behind their bytes. */
static OUT_OF_LINE uint8_t *WIDTH(fire)(const MEMBRANE *membrane, uint16_t count, MEMBRANE theta, const MEMBRANE *each,
                                        uint8_t *to)
{
    while (count > 0) {
        uint8_t now = count < 8u ? (uint8_t)count : 8u, byte = 0;
        count -= now;
        for (uint8_t bit = 1; now > 0; now--, bit = (uint8_t)(bit << 1)) {
            if (*membrane++ > (each != NULL ? *each++ : theta)) {
                byte |= bit;
            }
        }
        *to++ = byte;
    }
    return to;
}

void WIDTH(spikec_fire_dc)(const MEMBRANE *membrane, uint32_t size, MEMBRANE theta, uint32_t *spikes)
{
#if HAS_ROUTINE
    fill_word(spikes, spikec_avr_fire_dc(membrane, (uint16_t)size, NULL, theta, (uint8_t *)spikes));
#else
    fill_word(spikes, WIDTH(fire)(membrane, (uint16_t)size, theta, NULL, (uint8_t *)spikes));
#endif
}

void WIDTH(spikec_fire_dc_each)(const MEMBRANE *membrane, uint32_t size, const MEMBRANE *theta, uint32_t theta_period,
                                uint32_t *spikes)
{
    uint8_t *to = (uint8_t *)spikes;
    spikec_cycle_t thetas = spikec_cycle(theta_period);
    for (uint16_t left = (uint16_t)size, now; left > 0; left -= now, membrane += 32) {
        now = left < 32u ? left : 32u;
        to = WIDTH(fire)(membrane, now, 0, theta + thetas.at, to);
        spikec_cycle_on(&thetas, 1);
    }
    fill_word(spikes, to);
}
