/*
 * spikec_integrate_narrow.h: for one width of membranes. spikec_integrate_narrow.c includes it once for each, with
 * MEMBRANE and WIDTH(name) defined.
 */

#if !defined(SPIKEC_MVE) /* spikec_integrate.c has it there */
INTEGRATE(u4, OFFSET_U4, 1u)
#endif
INTEGRATE(p4, OFFSET_P4, 2u)
INTEGRATE(p2, OFFSET_P2, 4u)
