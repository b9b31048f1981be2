/*
 * spikec.h: the runtime that generated networks are written against.
 *
 * A network is an ordered list of stages (layers). Between two stages stands a double buffer of spike words with the
 * handshake of Yin et al. 2017: `done` says that the producer has finished a step, `data_fetched` that the consumer has
 * taken it. A stage may run when both neighbours allow it, in any order: the order never changes a result.
 *
 * Portable C99. No heap, no recursion, no floating point, no stdio.
 */
#ifndef SPIKEC_H
#define SPIKEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many cores share the stages of a network: 1, or 2 after spikec_share(). The whole program is compiled with the same
 * value; with 1, nothing of the second core is in it. */
#ifndef SPIKEC_CORES
#define SPIKEC_CORES 1
#endif

/* Generated code refuses a runtime of another version by #error. */
#define SPIKEC_RUNTIME_VERSION 4

/* Spike vectors are arrays of 32-bit words: neuron n is bit n % 32 of word n / 32; unused high bits are zero. */
#define SPIKEC_WORDS(n) (((n) + UINT32_C(31)) / 32u)

/* Every function that can fail returns one of these; errors are negative. */
enum spikec_status {
    SPIKEC_OK = 0,
    SPIKEC_ERR_RANGE = -1,  /* a pixel, step or offset outside the network's input */
    SPIKEC_ERR_TIME = -2,   /* an event older than the one before it */
    SPIKEC_ERR_STATE = -3,  /* not allowed now: input after spikec_finish(), or a frame out of order */
    SPIKEC_ERR_INPUT = -4   /* the network takes the other kind of input (events or frames) */
};

/* How the answer of a head is found from the output layer. Ties go to the lowest index. */
enum spikec_readout {
    SPIKEC_READOUT_COUNT = 0,       /* most spikes so far */
    SPIKEC_READOUT_FIRST_SPIKE = 1, /* earliest first spike; none at all: class 0 */
    SPIKEC_READOUT_MEMBRANE = 2     /* highest membrane after the last step */
};

/* Which polarities make spikes, and in which channel. */
enum spikec_polarity {
    SPIKEC_POLARITY_ON = 0,
    SPIKEC_POLARITY_OFF = 1,
    SPIKEC_POLARITY_BOTH = 2,   /* channel 0 OFF, channel 1 ON */
    SPIKEC_POLARITY_MERGED = 3
};

/* The double buffer between a producer and a consumer. Step s lives in slot s % 2.
 * `done` is written by the producer only, `data_fetched` by the consumer only, so no lock is needed, between cores
 * neither (spikec_sync.h). */
typedef struct {
    uint32_t *slot[2];
    uint16_t words;                 /* length of each slot */
    volatile uint16_t done;         /* steps that the producer has finished */
    volatile uint16_t data_fetched; /* steps that the consumer has taken */
} spikec_buffer_t;

/* One layer. `step` takes one spike vector, makes the next, and returns the synaptic operations that this took. The last
 * layer has membranes. */
typedef struct {
    const char *name;
    uint16_t in_size;
    uint16_t out_size;
    uint8_t membrane_bytes;         /* 2 (int16_t), 4 (int32_t) or 0 (a layer without neurons: pooling) */
    void *membrane;                 /* out_size membranes, after the step; NULL where there are none */
    spikec_buffer_t *in;
    spikec_buffer_t *out;
    uint32_t (*step)(const uint32_t *in, uint32_t *out);
} spikec_stage_t;

/* How events become spikes: step k takes start_us + k * bin_us <= t < start_us + (k + 1) * bin_us. */
typedef struct {
    uint16_t width;                 /* of the sensor, in pixels */
    uint16_t height;
    uint16_t columns;               /* of the input, after downsampling */
    uint16_t downsample;
    uint8_t polarity;               /* enum spikec_polarity */
    uint32_t start_us;
    uint32_t bin_us;
} spikec_binning_t;

/* One answer: output neurons start up to (not including) stop. */
typedef struct {
    const char *name;
    uint16_t start;
    uint16_t stop;
} spikec_head_t;

/* Called after stage `stage` has finished step `step`; its output and membranes may be read until it returns. */
typedef void (*spikec_observer_t)(void *context, uint8_t stage, uint16_t step, const uint32_t *spikes);

/* What a network remembers of the sample in work. The arrays belong to the generated file. */
typedef struct {
    uint16_t *layer_spikes;         /* [stages][steps]: how many neurons fired */
    uint64_t *synops;               /* [stages] */
    uint32_t *ticks;                /* [stages]: counter ticks spent in the layer's steps */
    uint32_t *out_spikes;           /* [steps][SPIKEC_WORDS(outputs)] */
    uint32_t last_us;               /* time of the newest event */
    uint32_t offset;                /* bytes of the current frame that have come */
    bool open;                      /* the input slot of the next step is cleared and takes spikes */
    bool finished;                  /* spikec_finish() was called */
    uint32_t (*counter)(void);      /* free-running tick counter, or NULL */
    spikec_observer_t observer;     /* or NULL */
    void *observer_context;
#if SPIKEC_CORES > 1
    bool shared;                    /* stages from `split` on are the second core's; this core writes the two */
    uint8_t split;
    void (*pause)(void);            /* called while a core waits for the other */
    volatile uint16_t go;           /* odd: the second core may run, even: it must not; the first core writes it */
    volatile uint16_t seen;         /* the last even `go` that the second core has seen; it writes it */
    volatile uint16_t posted;       /* steps that the second core has handed to the observer; it writes them */
    volatile uint16_t observed;     /* steps of these that the observer has seen; the first core writes them */
    uint16_t posted_step;
    uint8_t posted_stage;
    const uint32_t *posted_spikes;
#endif
} spikec_state_t;

typedef struct {
    const char *name;
    const char *digest;             /* SHA-256 of the network, 64 hex digits */
    const char *tool;               /* version of spikec that generated it */
    uint16_t in_size;
    uint16_t out_size;
    uint16_t steps;
    uint8_t stages;
    uint8_t heads;
    uint8_t readout;                /* enum spikec_readout */
    const spikec_binning_t *binning; /* NULL: the network takes frames only */
    const spikec_stage_t *stage;
    const spikec_head_t *head;
    spikec_buffer_t *input;         /* in front of the first stage */
    spikec_buffer_t *output;        /* behind the last stage */
    spikec_state_t *state;
} spikec_network_t;

/* Forget the sample in work: membranes at rest, buffers empty. Counter and observer stay. */
void spikec_reset(const spikec_network_t *net);

/* Install a tick counter (for latency) and an observer (for traces); either may be NULL. */
void spikec_observe(const spikec_network_t *net, uint32_t (*counter)(void), spikec_observer_t observer, void *context);

/* Give one event: pixel, polarity (1 = ON), time in microseconds since the sample began, not decreasing. Events outside
 * the window or of a polarity that does not count are taken and ignored. Runs stages while the input buffer is full. */
int spikec_push_event(const spikec_network_t *net, uint16_t x, uint16_t y, uint8_t polarity, uint32_t t_us);

/* Give `length` bytes of step `step`'s packed spike vector from byte `offset` on (input 8 * k + i is bit i of byte k).
 * Bytes come in order; the step is complete with its last byte. Any network takes frames. */
int spikec_push_frame(const spikec_network_t *net, uint16_t step, uint32_t offset, const uint8_t *bytes, uint32_t length);

/* No more input: the steps that are still open are complete. */
int spikec_finish(const spikec_network_t *net);

/* Run stage `stage` for one step if its neighbours allow it; says whether it ran. */
bool spikec_poll_stage(const spikec_network_t *net, uint8_t stage);

/* Whether spikec_poll() would run a stage. */
bool spikec_ready(const spikec_network_t *net);

/* Run one stage that is ready, if any; says whether one ran. */
bool spikec_poll(const spikec_network_t *net);

/* Run until nothing is ready. */
void spikec_run(const spikec_network_t *net);

#if SPIKEC_CORES > 1
/* From now on leave the stages from `split` on (0: all) to a second core, which calls spikec_poll_second() for ever. Every
 * other function is the first core's, and so is the observer. `pause` is called on either core, again and again, while it
 * waits for the other: it may yield, it need not. NULL for `pause`: all stages are this core's again. May be called again
 * at any time between two samples. Membranes may be read when the sample is finished, and by the observer. */
void spikec_share(const spikec_network_t *net, uint8_t split, void (*pause)(void));

/* On the second core: run one of its stages that is ready, if any; says whether one ran. */
bool spikec_poll_second(const spikec_network_t *net);

/* Whether the second core has stages, and steps that have been given have not yet left the last layer. */
bool spikec_second_busy(const spikec_network_t *net);
#endif

/* Whether the last step has left the last layer. */
bool spikec_finished(const spikec_network_t *net);

/* Steps that have left the last layer. */
uint16_t spikec_steps_done(const spikec_network_t *net);

/* Spikes of output neuron `output` so far. */
uint16_t spikec_count(const spikec_network_t *net, uint16_t output);

/* The class that head `head` names after the steps done so far, from 0; SPIKEC_ERR_RANGE for no such head. */
int spikec_answer(const spikec_network_t *net, uint8_t head);

#ifdef __cplusplus
}
#endif

#endif
