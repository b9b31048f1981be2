// line.cpp: see line.h. It does what boards/native/board.c does.
#include "line.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace {

const int UNPLUGGED_WAIT_MS = 10;
const int EXIT_NO_PTY = 3;

volatile std::sig_atomic_t told_to_end;

void on_signal(int) { told_to_end = 1; }

[[noreturn]] void give_up(const char *what)
{
    std::perror(what);
    std::exit(EXIT_NO_PTY);
}

// No echo, no translation of bytes: set before anybody can open the line, and kept by it.
void make_raw(int terminal)
{
    struct termios settings;
    if (tcgetattr(terminal, &settings) != 0) give_up("tcgetattr");
    cfmakeraw(&settings);
    settings.c_cflag |= CREAD | CLOCAL;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    if (tcsetattr(terminal, TCSANOW, &settings) != 0) give_up("tcsetattr");
}

// Whoever started us has closed our standard input. What else may stand there is read and thrown away.
bool input_ended()
{
    char bytes[256];
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
}

} // namespace

Line::Line()
{
    struct sigaction action = {};
    action.sa_handler = on_signal; // no SA_RESTART: poll is to return
    (void)sigaction(SIGINT, &action, nullptr);
    (void)sigaction(SIGTERM, &action, nullptr);
    line_ = posix_openpt(O_RDWR | O_NOCTTY);
    if (line_ < 0 || grantpt(line_) != 0 || unlockpt(line_) != 0) give_up("posix_openpt");
    path_ = ptsname(line_);
    int host_end = open(path_.c_str(), O_RDWR | O_NOCTTY);
    if (host_end < 0) give_up(path_.c_str());
    make_raw(host_end);
    (void)close(host_end); // from now on the line reads as unplugged, until a host opens it
    if (fcntl(line_, F_SETFL, O_NONBLOCK) != 0) give_up("fcntl");
}

std::vector<uint8_t> Line::read(size_t max)
{
    std::vector<uint8_t> bytes(max);
    ssize_t count = ::read(line_, bytes.data(), max);
    bytes.resize(count > 0 ? static_cast<size_t>(count) : 0); // EIO: unplugged; EAGAIN: nothing has come
    return bytes;
}

void Line::write(const std::vector<uint8_t> &bytes)
{
    for (size_t done = 0; done < bytes.size() && !ended();) {
        size_t left = bytes.size() - done;
        ssize_t count = unplugged() ? static_cast<ssize_t>(left) : ::write(line_, &bytes[done], left);
        if (count > 0) done += static_cast<size_t>(count);
        else wait_for(POLLOUT, -1);
    }
}

void Line::wait()
{
    if (unplugged()) wait_for(0, UNPLUGGED_WAIT_MS); // poll would return at once
    else wait_for(POLLIN, -1);
}

bool Line::ended()
{
    wait_for(0, 0);
    return ended_;
}

bool Line::unplugged() const
{
    struct pollfd end = {line_, 0, 0};
    return poll(&end, 1, 0) > 0 && (end.revents & POLLHUP) != 0;
}

// Wait until the line is ready for `events`, the board is to end, or `wait_ms` are over (-1: no limit).
void Line::wait_for(short events, int wait_ms)
{
    struct pollfd ends[2] = {{STDIN_FILENO, POLLIN, 0}, {line_, events, 0}};
    nfds_t count = events != 0 ? 2 : 1;
    if (!told_to_end && poll(ends, count, wait_ms) > 0 && ends[0].revents != 0 && input_ended()) ended_ = true;
    ended_ = ended_ || told_to_end;
}
