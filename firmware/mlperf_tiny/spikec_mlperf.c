/* spikec_mlperf.c: see spikec_mlperf.h. */
#include "spikec_mlperf.h"

#include "spikec_mlperf_print.h"
#include "spikec_mlperf_score.h"
#include "spikec_mlperf_time.h"

#define COMMAND_BYTES 80u
#define WARMUPS 10u             /* of "infer" without a number of them */
#define DUMP_BYTES 8u           /* in a line of "db print" */
#define PROFILE "ULPMark for tinyML Firmware V0.0.1"

/* A command in work, and the time. */
typedef struct {
    const spikec_mlperf_t *dut;
    const char *rest;           /* of the command */
    uint32_t wanted;            /* bytes that "db load" announced */
    uint32_t loaded;
    spikec_mlperf_time_t time;
} session_t;

/* Say what is written in quotes. */
#define SAY(session, text) spikec_print_text((session)->dut->hal, SPIKEC_TEXT(text))

static void say_number(const session_t *session, uint64_t number)
{
    spikec_print_number(session->dut->hal, number);
}

/* ---- Words of a command ---- */

/* The next word of the command is `word`? Then it is taken. */
static bool take_word(session_t *session, const char *word)
{
    const char *at = session->rest;
    for (; *word != '\0' && *at == *word; at++, word++) {
    }
    if (*word != '\0' || (*at != '\0' && *at != ' ')) {
        return false;
    }
    for (; *at == ' '; at++) {
    }
    session->rest = at;
    return true;
}

/* The next word as a number; false where there is none, or one of more than nine digits. */
static bool take_number(session_t *session, uint32_t *number)
{
    uint32_t value = 0;
    const char *at = session->rest;
    for (; *at >= '0' && *at <= '9' && at - session->rest < 10; at++) {
        value = value * 10u + (uint32_t)(*at - '0');
    }
    if (at == session->rest || at - session->rest > 9 || (*at != '\0' && *at != ' ')) {
        return false;
    }
    for (; *at == ' '; at++) {
    }
    session->rest = at;
    *number = value;
    return true;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* ---- The input ---- */

static void load(session_t *session)
{
    uint32_t bytes;
    session->loaded = 0;
    session->wanted = 0;
    if (!take_number(session, &bytes) || bytes != session->dut->input_bytes) {
        SAY(session, "e-[The network takes ");
        say_number(session, session->dut->input_bytes);
        SAY(session, " bytes: db load N]\r\n");
        return;
    }
    session->wanted = bytes;
    SAY(session, "m-[Expecting ");
    say_number(session, bytes);
    SAY(session, " bytes]\r\n");
}

static void load_digits(session_t *session)
{
    if (session->wanted == 0) {
        SAY(session, "e-[db load N comes first]\r\n");
        return;
    }
    for (const char *at = session->rest; *at != '\0' && session->loaded < session->wanted; at += 2) {
        int high = hex_digit(at[0]), low = hex_digit(at[1]); /* at[1] may be the end, which is no digit */
        if (high < 0 || low < 0) {
            SAY(session, "e-[Not pairs of hexadecimal digits]\r\n");
            return;
        }
        session->dut->input[session->loaded++] = (uint8_t)(high * 16 + low);
    }
    if (session->loaded == session->wanted) {
        SAY(session, "m-load-done\r\n");
    }
}

static void print_input(const session_t *session)
{
    for (uint32_t i = 0; i < session->loaded; i++) {
        if (i % DUMP_BYTES == 0) {
            SAY(session, "m-buffer-");
        } else {
            SAY(session, "-");
        }
        spikec_print_byte(session->dut->hal, session->dut->input[i]);
        if (i % DUMP_BYTES == DUMP_BYTES - 1u || i + 1u == session->loaded) {
            SAY(session, "\r\n");
        }
    }
}

/* ---- Inference ---- */

/* Pushing runs the layers, too, where their buffers are full. */
static void infer_once(session_t *session)
{
    const spikec_network_t *net = session->dut->net;
    uint32_t frame = session->dut->input_bytes / net->steps;
    spikec_reset(net);
    for (uint16_t step = 0; step < net->steps; step++) {
        (void)spikec_push_frame(net, step, 0, session->dut->input + step * frame, frame);
        spikec_mlperf_time_keep(&session->time);
    }
    (void)spikec_finish(net);
    while (spikec_poll(net)) {
        spikec_mlperf_time_keep(&session->time);
    }
}

static void results(const session_t *session)
{
    const spikec_network_t *net = session->dut->net;
    uint16_t classes = (uint16_t)(net->head[0].stop - net->head[0].start);
    if (!spikec_finished(net)) {
        SAY(session, "e-[No inference yet: infer N]\r\n");
        return;
    }
    SAY(session, "m-results-[");
    for (uint16_t index = 0; index < classes; index++) {
        if (index > 0) {
            SAY(session, ",");
        }
        spikec_print_millionths(session->dut->hal, spikec_mlperf_score(net, 0, index));
    }
    SAY(session, "]\r\n");
}

static void infer(session_t *session)
{
    uint32_t count = 1, warmups = WARMUPS;
    bool numbers = *session->rest == '\0' ||
                   (take_number(session, &count) && (*session->rest == '\0' || take_number(session, &warmups)));
    if (!numbers || count == 0) {
        SAY(session, "e-[infer N W: N inferences, at least 1, after W]\r\n");
        return;
    }
    if (session->loaded == 0 || session->loaded != session->wanted) {
        SAY(session, "e-[The input is not loaded: db load N, db HH...]\r\n");
        return;
    }
    SAY(session, "m-warmup-start-");
    say_number(session, warmups);
    SAY(session, "\r\n");
    for (; warmups > 0; warmups--) {
        infer_once(session);
    }
    SAY(session, "m-warmup-done\r\nm-infer-start-");
    say_number(session, count);
    SAY(session, "\r\n");
    spikec_mlperf_timestamp(&session->time);
    for (; count > 0; count--) {
        infer_once(session);
    }
    spikec_mlperf_timestamp(&session->time);
    SAY(session, "m-infer-done\r\n");
    results(session);
}

/* ---- Commands ---- */

static void help(const session_t *session)
{
    SAY(session, PROFILE "\r\n\r\n"
                         "help         : this\r\n"
                         "name         : who answers\r\n"
                         "profile      : which protocol, and which network\r\n"
                         "timestamp    : " SPIKEC_MLPERF_TIMESTAMP "\r\n"
                         "db load N    : N bytes of input are to come\r\n"
                         "db HH[HH]... : bytes of them\r\n"
                         "db print     : the bytes that have come\r\n"
                         "infer N [W]  : N inferences after W others\r\n"
                         "results      : the scores\r\n");
}

static void obey(session_t *session, const char *command)
{
    session->rest = command;
    if (take_word(session, "name")) {
        SAY(session, "m-name-dut-[");
        spikec_print(session->dut->hal, session->dut->vendor);
        SAY(session, "]\r\n");
    } else if (take_word(session, "profile")) {
        SAY(session, "m-profile-[" PROFILE "]\r\nm-model-[");
        spikec_print(session->dut->hal, session->dut->model);
        SAY(session, "]\r\n");
    } else if (take_word(session, "timestamp")) {
        spikec_mlperf_timestamp(&session->time);
    } else if (take_word(session, "help")) {
        help(session);
    } else if (take_word(session, "infer")) {
        infer(session);
    } else if (take_word(session, "results")) {
        results(session);
    } else if (take_word(session, "db")) {
        if (take_word(session, "load")) {
            load(session);
        } else if (take_word(session, "print")) {
            print_input(session);
        } else {
            load_digits(session);
        }
    } else if (*command != '\0') {
        SAY(session, "e-[Unknown command: ");
        spikec_print(session->dut->hal, command);
        SAY(session, "]\r\n");
    }
    SAY(session, "m-ready\r\n");
}

void spikec_mlperf_run(const spikec_mlperf_t *dut)
{
    static char command[COMMAND_BYTES + 1u];
    session_t session = {.dut = dut};
    uint32_t length = 0;
    uint8_t byte;
    int32_t got;
    dut->hal->init();
    spikec_mlperf_time_start(&session.time, dut->hal);
    spikec_reset(dut->net);
    SAY(&session, "m-timestamp-mode-" SPIKEC_MLPERF_MODE "\r\nm-init-done\r\nm-ready\r\n");
    while ((got = dut->hal->read(&byte, 1)) >= 0) {
        if (got == 0) {
            spikec_mlperf_time_keep(&session.time);
            dut->hal->idle();
        } else if (byte == '%') {
            command[length] = '\0';
            length = 0;
            obey(&session, command);
        } else if (byte >= ' ' && byte <= '~' && length < COMMAND_BYTES) {
            command[length++] = (char)byte;
        }
    }
}
