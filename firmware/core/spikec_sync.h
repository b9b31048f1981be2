/*
 * spikec_sync.h: the flags of the handshake, read and written so that what stands behind them is there too.
 *
 * Each flag has one writer. Whoever reads its new value (acquire) also sees all that the writer wrote before it stored
 * that value (release). With one core both are plain accesses. With two, the compiler adds what its machine needs: DMB on
 * Armv6-M and Armv7-M, LDAH and STLH on Armv8-M, FENCE on RISC-V, nothing but its own restraint on x86.
 */
#ifndef SPIKEC_SYNC_H
#define SPIKEC_SYNC_H

#include <stdint.h>

#include "spikec.h"

#if SPIKEC_CORES > 1 && !defined(__GNUC__)
#error "two cores need acquire and release: say in spikec_sync.h how this compiler spells them"
#endif

static inline uint16_t spikec_load(const volatile uint16_t *flag)
{
#if SPIKEC_CORES > 1
    return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
#else
    return *flag;
#endif
}

static inline void spikec_store(volatile uint16_t *flag, uint16_t value)
{
#if SPIKEC_CORES > 1
    __atomic_store_n(flag, value, __ATOMIC_RELEASE);
#else
    *flag = value;
#endif
}

#endif
