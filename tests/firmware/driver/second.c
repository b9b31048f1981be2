/* second.c: see second.h. */
#define _POSIX_C_SOURCE 200809L

#include "second.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static const spikec_network_t *taken;

void second_pause(void)
{
    (void)sched_yield();
}

void second_take(const spikec_network_t *net)
{
    __atomic_store_n(&taken, net, __ATOMIC_RELEASE);
}

static void *run(void *nothing)
{
    for (;;) {
        const spikec_network_t *net = __atomic_load_n(&taken, __ATOMIC_ACQUIRE);
        if (net == NULL || !spikec_poll_second(net)) {
            second_pause();
        }
    }
    return nothing;
}

void second_begin(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL) != 0 || pthread_detach(thread) != 0) {
        abort();
    }
}
