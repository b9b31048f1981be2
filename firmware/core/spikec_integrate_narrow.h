/*
 * spikec_integrate_narrow.h: for one width of membranes. spikec_integrate_narrow.c includes it once for each, with
 * MEMBRANE and WIDTH(name) defined.
 */

#if !defined(SPIKEC_MVE) /* spikec_integrate.c has it there */
NARROW(u4, OFFSET_U4, CHUNK_U4, 1u)
#endif
NARROW(p4, OFFSET_P4, CHUNK_P4, 2u)
NARROW(p2, OFFSET_P2, CHUNK_P2, 4u)
