// line.h: the board's serial line, a pseudo-terminal. As on a wire, what is sent while nobody listens is lost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

class Line {
public:
    Line(); // ends the program when the system has no pseudo-terminal left

    // Where the host finds it. It stays the same when the host closes it and opens it again.
    const std::string &path() const { return path_; }

    // What has come, at most `max` bytes.
    std::vector<uint8_t> read(size_t max);

    // Write all bytes; waits while the host does not read them.
    void write(const std::vector<uint8_t> &bytes);

    // Wait until bytes have come, or the board is to end.
    void wait();

    // Whether the board is to end: its standard input has ended (whoever started it is gone), or a signal has come.
    bool ended();

private:
    bool unplugged() const;
    void wait_for(short events, int wait_ms);

    std::string path_;
    int line_ = -1;
    bool ended_ = false;
};
