/*
 * second.c: a thread as the second core. It is polite: where the computer has fewer free cores than we have threads, whoever
 * waits gives way, but only after some microseconds, as most waits are shorter than giving way takes. And the second thread
 * sleeps when it has found nothing to do for a while.
 */
#define _XOPEN_SOURCE 600

#include "second.h"

#include "spikec.h"

#if SPIKEC_CORES > 1
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOOKS 20000u   /* in vain, before it rests: about a millisecond */
#define REST_NS 200000 /* between two looks from then on */
#define SPINS 200u     /* of second_pause(), before it gives way: some microseconds */
#define EXIT_NO_THREAD 3

static bool (*its_work)(void);

void second_pause(void)
{
    static __thread uint32_t spins;
    if (++spins % SPINS == 0) {
        (void)sched_yield();
    }
}

static void *run(void *nothing)
{
    const struct timespec rest = {.tv_nsec = REST_NS};
    for (uint32_t in_vain = 0;;) {
        if (its_work()) {
            in_vain = 0;
        } else if (in_vain < LOOKS) {
            in_vain++;
            second_pause();
        } else {
            (void)nanosleep(&rest, NULL);
        }
    }
    return nothing;
}

/* Signals are the first thread's: it is the one that sleeps in poll(), and a signal is to end that. */
void second_start(bool (*work)(void))
{
    pthread_t thread;
    sigset_t all, before;
    its_work = work;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, run, NULL) != 0 || pthread_detach(thread) != 0) {
        (void)fputs("the second thread cannot be started\n", stderr);
        exit(EXIT_NO_THREAD);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}
#endif
