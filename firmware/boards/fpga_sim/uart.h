// uart.h: the host's end of the wires, bit by bit: 8 data bits, no parity, 1 stop bit. Called once a clock cycle.
#pragma once

#include <cstdint>

// Counts time in bits: a bit is CLOCK_HZ / BAUD cycles, which need not be whole.
class BitTimer {
public:
    BitTimer(uint64_t clock_hz, uint64_t baud) : clock_hz_(clock_hz), baud_(baud) {}

    // Begin with so many halves of a bit to go until the first tick.
    void start(unsigned halves) { left_ = static_cast<int64_t>(halves * clock_hz_ / 2); }

    // One cycle has passed; true where a bit ends.
    bool tick()
    {
        left_ -= static_cast<int64_t>(baud_);
        if (left_ > 0) return false;
        left_ += static_cast<int64_t>(clock_hz_);
        return true;
    }

private:
    uint64_t clock_hz_, baud_;
    int64_t left_ = 0;
};

class UartSender {
public:
    UartSender(uint64_t clock_hz, uint64_t baud) : timer_(clock_hz, baud) {}

    bool ready() const { return left_ == 0; }
    bool line() const { return left_ == 0 || (bits_ & 1) != 0; }

    void send(uint8_t byte)
    {
        bits_ = 0x200u | static_cast<unsigned>(byte) << 1; // stop, data, start
        left_ = 10;
        timer_.start(2);
    }

    void cycle()
    {
        if (left_ == 0 || !timer_.tick()) return;
        bits_ >>= 1;
        left_--;
    }

private:
    BitTimer timer_;
    unsigned bits_ = 0, left_ = 0;
};

class UartReceiver {
public:
    UartReceiver(uint64_t clock_hz, uint64_t baud) : timer_(clock_hz, baud) {}

    bool idle() const { return left_ == 0; }
    uint8_t byte() const { return static_cast<uint8_t>(bits_ >> 1); } // of the frame that has just ended
    bool broken() const { return (bits_ & 0x201u) != 0x200u; }        // its start bit is not 0, or its stop bit not 1

    // The line in this cycle; true when a frame has ended.
    bool cycle(bool line)
    {
        if (left_ == 0) {
            if (line) return false;
            left_ = 10;
            timer_.start(1); // to the middle of the start bit
        }
        if (!timer_.tick()) return false;
        bits_ = bits_ >> 1 | (line ? 0x200u : 0u);
        left_--;
        return left_ == 0;
    }

private:
    BitTimer timer_;
    unsigned bits_ = 0, left_ = 0;
};
