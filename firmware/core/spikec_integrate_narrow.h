/*
 * spikec_integrate_narrow.h: for one width of membranes. spikec_integrate_narrow.c includes it once for each, with
 * MEMBRANE and WIDTH(name) defined.
 */

/* `weights`: neurons in a byte of the table. */
static inline void WIDTH(integrate)(const MEMBRANE *start, MEMBRANE *membrane, uint32_t padded, const uint8_t *const *rows,
                                    uint32_t count, uint32_t offset, uint32_t weights, add_rows_t *add_rows)
{
    uint32_t bytes[TILE / 4u];
    if (count != 0 || start != membrane) {
        WIDTH(begin)(start, membrane, padded, count * offset);
    }
    for (uint32_t done = 0; done < count; done += CHUNK_ROWS, rows += CHUNK_ROWS) {
        const uint8_t *const *end = rows + (count - done < CHUNK_ROWS ? count - done : CHUNK_ROWS);
        for (uint32_t at = 0; at < padded; at += TILE) {
            uint32_t size = padded - at < TILE ? padded - at : TILE;
            add_rows(bytes, size, rows, end, at / weights);
            WIDTH(widen)(membrane + at, bytes, size);
        }
    }
}

#if !defined(SPIKEC_MVE) /* spikec_integrate.c has it there */
void WIDTH(spikec_integrate_u4)(const MEMBRANE *start, MEMBRANE *membrane, uint32_t padded, const uint8_t **rows,
                                uint32_t count)
{
    WIDTH(integrate)(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_U4, 1u, spikec_rows_u4);
}
#endif

void WIDTH(spikec_integrate_p4)(const MEMBRANE *start, MEMBRANE *membrane, uint32_t padded, const uint8_t **rows,
                                uint32_t count)
{
    WIDTH(integrate)(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_P4, 2u, spikec_rows_p4);
}

void WIDTH(spikec_integrate_p2)(const MEMBRANE *start, MEMBRANE *membrane, uint32_t padded, const uint8_t **rows,
                                uint32_t count)
{
    WIDTH(integrate)(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_P2, 4u, spikec_rows_p2);
}
