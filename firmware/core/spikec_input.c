/* spikec_input.c: how spikes get in: events that we bin ourselves, or packed frames. */
#include "spikec_internal.h"

/* The slot of the step in work; where both slots wait to be taken, stages run until one is free. */
static uint32_t *open_step(const spikec_network_t *net)
{
    spikec_buffer_t *input = net->input;
    uint32_t *slot = spikec_slot(input, input->done);
    if (!net->state->open) {
        while (spikec_full(input)) {
            if (!spikec_poll(net)) {
                spikec_wait(net);
            }
        }
        spikec_clear(slot, input->words);
        net->state->open = true;
    }
    return slot;
}

static void close_step(const spikec_network_t *net)
{
    (void)open_step(net);
    net->state->open = false;
    net->state->offset = 0;
    spikec_store(&net->input->done, (uint16_t)(net->input->done + 1u));
}

static void close_steps_before(const spikec_network_t *net, uint32_t step)
{
    while (net->input->done < step) {
        close_step(net);
    }
}

static bool counts(const spikec_binning_t *binning, uint8_t polarity)
{
    switch (binning->polarity) {
    case SPIKEC_POLARITY_ON:
        return polarity == 1;
    case SPIKEC_POLARITY_OFF:
        return polarity == 0;
    default:
        return true;
    }
}

static uint32_t input_of(const spikec_binning_t *binning, uint16_t x, uint16_t y, uint8_t polarity)
{
    uint32_t row = y / binning->downsample, column = x / binning->downsample;
    uint32_t pixel = row * binning->columns + column;
    return binning->polarity == SPIKEC_POLARITY_BOTH ? 2u * pixel + polarity : pixel; /* channels last */
}

static int event_status(const spikec_network_t *net, uint16_t x, uint16_t y, uint8_t polarity, uint32_t t_us)
{
    const spikec_binning_t *binning = net->binning;
    if (binning == NULL) {
        return SPIKEC_ERR_INPUT;
    }
    if (net->state->finished || net->state->offset != 0) {
        return SPIKEC_ERR_STATE;
    }
    if (x >= binning->width || y >= binning->height || polarity > 1) {
        return SPIKEC_ERR_RANGE;
    }
    return t_us < net->state->last_us ? SPIKEC_ERR_TIME : SPIKEC_OK;
}

int spikec_push_event(const spikec_network_t *net, uint16_t x, uint16_t y, uint8_t polarity, uint32_t t_us)
{
    const spikec_binning_t *binning = net->binning;
    int status = event_status(net, x, y, polarity, t_us);
    if (status != SPIKEC_OK) {
        return status;
    }
    net->state->last_us = t_us;
    if (t_us < binning->start_us) {
        return SPIKEC_OK;
    }
    uint32_t step = (t_us - binning->start_us) / binning->bin_us;
    if (step >= net->steps) { /* the window is over: nothing that comes can change it */
        close_steps_before(net, net->steps);
        return SPIKEC_OK;
    }
    if (step < net->input->done) { /* frames have filled this step already */
        return SPIKEC_ERR_STATE;
    }
    close_steps_before(net, step);
    if (counts(binning, polarity)) {
        uint32_t input = input_of(binning, x, y, polarity);
        open_step(net)[input / 32u] |= UINT32_C(1) << (input % 32u);
    }
    return SPIKEC_OK;
}

/* The bits of the frame's last byte that belong to no input. */
static uint32_t bits_beyond(const spikec_network_t *net)
{
    uint32_t used = net->in_size % 8u;
    return used == 0 ? 0 : (0xFFu << used) & 0xFFu;
}

static int frame_status(const spikec_network_t *net, uint16_t step, uint32_t offset, const uint8_t *bytes,
                        uint32_t length)
{
    uint32_t whole = (net->in_size + 7u) / 8u;
    if (net->state->finished) {
        return SPIKEC_ERR_STATE;
    }
    if (step >= net->steps || offset > whole || length > whole - offset) {
        return SPIKEC_ERR_RANGE;
    }
    if (length > 0 && offset + length == whole && (bytes[length - 1u] & bits_beyond(net)) != 0) {
        return SPIKEC_ERR_RANGE;
    }
    return step == net->input->done && offset == net->state->offset ? SPIKEC_OK : SPIKEC_ERR_STATE;
}

int spikec_push_frame(const spikec_network_t *net, uint16_t step, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    int status = frame_status(net, step, offset, bytes, length);
    if (status != SPIKEC_OK || length == 0) {
        return status;
    }
    uint32_t *slot = open_step(net);
    for (uint32_t i = offset; i < offset + length; i++) {
        slot[i / 4u] |= (uint32_t)bytes[i - offset] << (8u * (i % 4u));
    }
    net->state->offset = offset + length;
    if (net->state->offset == (net->in_size + 7u) / 8u) {
        close_step(net);
    }
    return SPIKEC_OK;
}

int spikec_finish(const spikec_network_t *net)
{
    net->state->finished = true;
    close_steps_before(net, net->steps);
    return SPIKEC_OK;
}
