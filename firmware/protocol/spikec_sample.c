/* spikec_sample.c: see spikec_sample.h. */
#include "spikec_sample.h"

#include "spikec_report.h"

#define KNOWN_FLAGS SPIKEC_FLAG_TRACE

#if defined(SPIKEC_MARKER)
#define mark(device, high) ((device)->hal->marker(high))
#else /* firmware that no meter looks at has no marker, and takes no time for it */
#define mark(device, high) ((device)->hal->counter())
#endif

/* Ticks are counted around calls into the network only: waiting for the line and sending are not in them. The marker is
 * high just as long. */
static uint32_t enter(spikec_device_t *device)
{
    device->sample.traced = 0;
    return mark(device, true);
}

static void leave(spikec_device_t *device, uint32_t start)
{
    spikec_sample_t *sample = &device->sample;
    uint32_t spent = mark(device, false) - start - sample->traced;
    sample->ticks = spent < UINT32_MAX - sample->ticks ? sample->ticks + spent : UINT32_MAX;
}

void spikec_sample_forget(spikec_device_t *device)
{
    device->sample.phase = SPIKEC_PHASE_IDLE;
    spikec_reset(device->net);
}

/* The network forgets it at once: a second core must not go on with it, nor wait for us to trace it. */
static void refuse(spikec_device_t *device, uint8_t code, uint32_t detail)
{
    spikec_reset(device->net);
    device->sample.phase = SPIKEC_PHASE_REFUSED;
    spikec_link_error(device, code, device->sample.id, (int32_t)detail);
}

static uint8_t error_of(int status)
{
    switch (status) {
    case SPIKEC_ERR_RANGE:
        return SPIKEC_ERROR_RANGE;
    case SPIKEC_ERR_TIME:
        return SPIKEC_ERROR_TIME;
    case SPIKEC_ERR_INPUT:
        return SPIKEC_ERROR_INPUT;
    default:
        return SPIKEC_ERROR_STATE;
    }
}

/* ---- reading a payload ------------------------------------------------------------------------------------------ */

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} reader_t;

static bool read_varint(reader_t *reader, uint32_t *value)
{
    *value = 0;
    for (uint8_t shift = 0; shift < 35 && reader->at < reader->end; shift = (uint8_t)(shift + 7)) {
        uint8_t byte = *reader->at++;
        if (shift == 28 && byte > 0x0F) {
            return false; /* more than 32 bits */
        }
        *value |= (uint32_t)(byte & 0x7Fu) << shift;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

static bool read_u16(reader_t *reader, uint16_t *value)
{
    if (reader->end - reader->at < 2) {
        return false;
    }
    *value = (uint16_t)(reader->at[0] | ((uint32_t)reader->at[1] << 8)); /* an int may have 16 bits */
    reader->at += 2;
    return true;
}

/* ---- frames of a sample ----------------------------------------------------------------------------------------- */

/* One event into the network; 0 or a code of enum spikec_error. */
static uint8_t take_event(spikec_device_t *device, reader_t *reader)
{
    uint32_t later, x, y_polarity;
    if (!read_varint(reader, &later) || !read_varint(reader, &x) || !read_varint(reader, &y_polarity)) {
        return SPIKEC_ERROR_PAYLOAD;
    }
    if (x > UINT16_MAX || y_polarity / 2u > UINT16_MAX) {
        return SPIKEC_ERROR_RANGE;
    }
    if (later > UINT32_MAX - device->sample.time) {
        return SPIKEC_ERROR_TIME;
    }
    device->sample.time += later;
    uint32_t start = enter(device);
    int status = spikec_push_event(device->net, (uint16_t)x, (uint16_t)(y_polarity / 2u), (uint8_t)(y_polarity & 1u),
                                   device->sample.time);
    leave(device, start);
    return status == SPIKEC_OK ? 0 : error_of(status);
}

/* One record of packed spikes into the network; 0 or a code of enum spikec_error. */
static uint8_t take_record(spikec_device_t *device, reader_t *reader)
{
    uint16_t step, offset, length;
    if (!read_u16(reader, &step) || !read_u16(reader, &offset) || !read_u16(reader, &length) ||
        reader->end - reader->at < (ptrdiff_t)length) {
        return SPIKEC_ERROR_PAYLOAD;
    }
    uint32_t start = enter(device);
    int status = spikec_push_frame(device->net, step, offset, reader->at, length);
    leave(device, start);
    reader->at += length;
    return status == SPIKEC_OK ? 0 : error_of(status);
}

static void take_input(spikec_device_t *device, const spikec_frame_t *frame, uint8_t format)
{
    reader_t reader = {frame->payload, frame->payload + frame->length};
    if (device->sample.format != format) {
        refuse(device, SPIKEC_ERROR_INPUT, 0);
        return;
    }
    for (uint32_t index = 0; reader.at < reader.end; index++) {
        uint8_t code =
            format == SPIKEC_FORMAT_EVENTS ? take_event(device, &reader) : take_record(device, &reader);
        if (code != 0) {
            refuse(device, code, index);
            return;
        }
    }
}

static void finish_result(spikec_device_t *device)
{
    device->sample.phase = SPIKEC_PHASE_IDLE;
    spikec_report_result(device);
}

/* The sample before must leave the network: run what is left of it; one whose end never came is given up. */
static void make_room(spikec_device_t *device)
{
    if (device->sample.phase == SPIKEC_PHASE_OPEN) {
        refuse(device, SPIKEC_ERROR_STATE, 0);
    }
    while (device->sample.phase == SPIKEC_PHASE_CLOSED) {
        (void)spikec_sample_work(device);
    }
}

static void take_begin(spikec_device_t *device, const spikec_frame_t *frame)
{
    const uint8_t *payload = frame->payload;
    spikec_sample_t *sample = &device->sample;
    make_room(device);
    spikec_sample_forget(device);
    *sample = (spikec_sample_t){.phase = SPIKEC_PHASE_OPEN};
    if (frame->length != 6) {
        refuse(device, SPIKEC_ERROR_PAYLOAD, 0);
        return;
    }
    sample->id = payload[0] | ((uint32_t)payload[1] << 8) | ((uint32_t)payload[2] << 16) | ((uint32_t)payload[3] << 24);
    sample->format = payload[4];
    if ((payload[5] & ~KNOWN_FLAGS) != 0) {
        refuse(device, SPIKEC_ERROR_PAYLOAD, 0);
    } else if (sample->format > SPIKEC_FORMAT_FRAMES ||
               (sample->format == SPIKEC_FORMAT_EVENTS && device->net->binning == NULL)) {
        refuse(device, SPIKEC_ERROR_INPUT, 0);
    }
    bool trace = (payload[5] & SPIKEC_FLAG_TRACE) != 0;
    spikec_observe(device->net, device->hal->counter, trace ? spikec_report_trace : NULL, device);
}

static void take_end(spikec_device_t *device)
{
    uint32_t start = enter(device);
    int status = spikec_finish(device->net);
    leave(device, start);
    if (status == SPIKEC_OK) {
        device->sample.phase = SPIKEC_PHASE_CLOSED;
    } else {
        refuse(device, error_of(status), 0);
    }
}

void spikec_sample_take(spikec_device_t *device, const spikec_frame_t *frame)
{
    if (frame->type == SPIKEC_MSG_SAMPLE_BEGIN) {
        take_begin(device, frame);
        return;
    }
    switch (device->sample.phase) {
    case SPIKEC_PHASE_REFUSED:
        if (frame->type == SPIKEC_MSG_SAMPLE_END) {
            device->sample.phase = SPIKEC_PHASE_IDLE;
        }
        break;
    case SPIKEC_PHASE_OPEN:
        if (frame->type == SPIKEC_MSG_SAMPLE_END) {
            take_end(device);
        } else {
            take_input(device, frame,
                       frame->type == SPIKEC_MSG_EVENTS ? SPIKEC_FORMAT_EVENTS : SPIKEC_FORMAT_FRAMES);
        }
        break;
    default: /* no sample is open: it is the host's mistake, and no sample of ours suffers from it */
        spikec_link_error(device, SPIKEC_ERROR_STATE, 0, 0);
        break;
    }
}

/* The second core has steps in work: wait a moment for it. Only what is left when all input has come is latency; before
 * that we wait for the line in any case. */
static bool wait_for_second(spikec_device_t *device, uint32_t start)
{
#if SPIKEC_CORES > 1
    if (spikec_second_busy(device->net)) {
        device->hal->pause();
        if (device->sample.phase == SPIKEC_PHASE_CLOSED) {
            leave(device, start);
        }
        return true;
    }
#else
    (void)device;
    (void)start;
#endif
    return false;
}

/* Run a stage, or wait for the second core. A look that found nothing ready is waiting, not work. */
static bool run_network(spikec_device_t *device)
{
#if defined(SPIKEC_MARKER) && SPIKEC_CORES == 1
    if (!spikec_ready(device->net)) {
        return false; /* the marker stays low */
    }
#endif
    uint32_t start = enter(device);
    if (spikec_poll(device->net)) {
        leave(device, start);
        return true;
    }
    bool waited = wait_for_second(device, start);
    (void)mark(device, false);
    return waited;
}

bool spikec_sample_work(spikec_device_t *device)
{
    uint8_t phase = device->sample.phase;
    if (phase != SPIKEC_PHASE_OPEN && phase != SPIKEC_PHASE_CLOSED) {
        return false;
    }
    if (run_network(device)) {
        return true;
    }
    if (phase == SPIKEC_PHASE_OPEN) {
        return false;
    }
    if (spikec_finished(device->net)) {
        finish_result(device);
    } else { /* cannot be, but must not hang the host either */
        refuse(device, SPIKEC_ERROR_STATE, 0);
    }
    return true;
}
