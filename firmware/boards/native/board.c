/*
 * board.c: this computer as a board. The serial line is a pseudo-terminal whose path is the first line of stdout.
 *
 * The process ends when its standard input ends (so it never outlives who started it) or by SIGINT or SIGTERM. When the
 * host closes the line it waits for the next one: what is sent meanwhile is lost, as on a wire that nobody listens to.
 */
#define _XOPEN_SOURCE 600

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "second.h"
#include "spikec_hal.h"

#define RX_BYTES 16384 /* the kernel holds more than that for us */
#define UNPLUGGED_WAIT_MS 10
#define EXIT_NO_PTY 3

static int line = -1;
static volatile sig_atomic_t told_to_stop;
static bool stopped;

static void on_signal(int number)
{
    (void)number;
    told_to_stop = 1;
}

static void give_up(const char *what)
{
    perror(what);
    exit(EXIT_NO_PTY);
}

/* No echo, no translation of bytes: set before anybody can open the line, and kept by it. */
static void make_raw(int terminal)
{
    struct termios settings;
    if (tcgetattr(terminal, &settings) != 0) {
        give_up("tcgetattr");
    }
    settings.c_iflag = 0;
    settings.c_oflag = 0;
    settings.c_lflag = 0;
    settings.c_cflag = CS8 | CREAD | CLOCAL;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    if (tcsetattr(terminal, TCSANOW, &settings) != 0) {
        give_up("tcsetattr");
    }
}

static void board_init(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    line = posix_openpt(O_RDWR | O_NOCTTY);
    if (line < 0 || grantpt(line) != 0 || unlockpt(line) != 0) {
        give_up("posix_openpt");
    }
    const char *path = ptsname(line);
    int host_end = open(path, O_RDWR | O_NOCTTY);
    if (host_end < 0) {
        give_up(path);
    }
    make_raw(host_end);
    (void)close(host_end); /* from now on the line reads as unplugged, until a host opens it */
    if (fcntl(line, F_SETFL, O_NONBLOCK) != 0) {
        give_up("fcntl");
    }
    (void)printf("%s\n", path);
    (void)fflush(stdout);
}

static uint32_t board_counter(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
}

/* Whoever started us has closed our standard input. What else may stand there is read and thrown away. */
static bool input_ended(void)
{
    char bytes[256];
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
}

/* Wait until the line is ready for `events`, the process is to stop, or `wait_ms` are over (-1: no limit). */
static void wait_for(short events, int wait_ms)
{
    struct pollfd ends[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = line, .events = events}};
    nfds_t count = events != 0 ? 2 : 1;
    if (!told_to_stop && poll(ends, count, wait_ms) > 0 && ends[0].revents != 0 && input_ended()) {
        stopped = true;
    }
    stopped = stopped || told_to_stop;
}

static bool unplugged(void)
{
    struct pollfd end = {.fd = line, .events = 0};
    return poll(&end, 1, 0) > 0 && (end.revents & POLLHUP) != 0;
}

static int32_t board_read(uint8_t *bytes, uint32_t max)
{
    if (stopped || told_to_stop) {
        return -1;
    }
    ssize_t count = read(line, bytes, max);
    return count > 0 ? (int32_t)count : 0; /* EIO: unplugged; EAGAIN: nothing has come */
}

static void board_write(const uint8_t *bytes, uint32_t length)
{
    while (length > 0 && !stopped && !told_to_stop) {
        ssize_t count = unplugged() ? (ssize_t)length : write(line, bytes, length);
        if (count > 0) {
            bytes += count;
            length -= (uint32_t)count;
        } else {
            wait_for(POLLOUT, -1);
        }
    }
}

static void board_idle(void)
{
    if (unplugged()) {
        wait_for(0, UNPLUGGED_WAIT_MS); /* poll would return at once */
    } else {
        wait_for(POLLIN, -1);
    }
}

const spikec_hal_t spikec_hal = {
    .board = "native",
    .counter_name = "CLOCK_MONOTONIC",
    .counter_hz = 1000000000,
    .rx_bytes = RX_BYTES,
    .init = board_init,
    .counter = board_counter,
    .read = board_read,
    .write = board_write,
    .idle = board_idle,
#if SPIKEC_CORES > 1
    .second = second_start,
    .pause = second_pause,
#endif
};
