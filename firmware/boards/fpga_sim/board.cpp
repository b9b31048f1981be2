// board.cpp: a board whose FPGA is Verilator's model of `spikec_sim_top`.
//
// Usage: spikec_sim [--uart]. The serial line is a pseudo-terminal whose path is the first line of stdout; the board ends
// when its standard input ends. Bytes go past the UART into the device and back, one a clock cycle at most; with --uart they
// go through it, bit by bit, which takes CLOCK_HZ / BAUD cycles each. Both are known when this is compiled.
//
// The clock stands still while the device waits for a byte: it says so itself (`busy` is low), and nothing in it depends on
// time that passes. So an idle board takes no computing time, and the cycles of an inference are the same every time.
//
// Ports of spikec_sim_top: clk, rst, bypass (1: bytes, 0: UART); rx_valid, rx_data, rx_ready and tx_valid, tx_data, tx_ready;
// uart_rx, uart_tx; busy (low: nothing will happen until a byte comes).
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <unistd.h>
#include <utility>
#include <vector>

#include "Vspikec_sim_top.h"
#include "line.h"
#include "uart.h"
#include "verilated.h"

namespace {

const unsigned RESET_CYCLES = 16;
const unsigned SLICE = 256;          // cycles between two looks at the line
const size_t READ_BYTES = 4096;
const unsigned STILL_CYCLES = 64;    // so long must nothing have moved before the clock stops: more than a byte is on its way
const unsigned FRAME_BITS = 12;      // that long, too, where bits are on their way

class Board {
public:
    explicit Board(bool uart) : uart_(uart)
    {
        if (uart) still_cycles_ = STILL_CYCLES + static_cast<unsigned>(FRAME_BITS * CLOCK_HZ / BAUD);
        top_.bypass = !uart;
        top_.uart_rx = 1;
        top_.tx_ready = 1;
        top_.rst = 1;
        for (unsigned i = 0; i < RESET_CYCLES; i++) {
            settle();
            edge();
        }
        top_.rst = 0;
    }

    // Run for a while: until all of `given` are taken, and as long as anything moves, but no longer than a slice.
    void run()
    {
        for (unsigned i = 0; i < SLICE && !still(); i++) cycle();
    }

    // Whether nothing will happen until a byte is given.
    bool still() const { return next_ == given_.size() && quiet_ >= still_cycles_; }

    bool wants_bytes() const { return next_ == given_.size(); }

    void give(std::vector<uint8_t> bytes)
    {
        given_ = std::move(bytes);
        next_ = 0;
    }

    std::vector<uint8_t> take() { return std::exchange(made_, {}); }

    uint64_t cycles() const { return cycles_; }

private:
    // A cycle in two halves: inputs change while the clock is low, and what the outputs then say holds at its edge.
    void settle()
    {
        top_.clk = 0;
        top_.eval();
    }

    void edge()
    {
        top_.clk = 1;
        top_.eval();
        cycles_++;
    }

    void cycle()
    {
        bool moved = uart_ ? uart_cycle() : byte_cycle();
        quiet_ = moved || top_.busy ? 0 : quiet_ + 1;
    }

    bool byte_cycle()
    {
        bool offered = !wants_bytes();
        top_.rx_valid = offered;
        top_.rx_data = offered ? given_[next_] : 0;
        settle();
        bool taken = offered && top_.rx_ready, made = top_.tx_valid;
        if (made) made_.push_back(top_.tx_data);
        next_ += taken;
        edge();
        return taken || made;
    }

    bool uart_cycle()
    {
        if (sender_.ready() && !wants_bytes()) sender_.send(given_[next_++]);
        top_.uart_rx = sender_.line();
        settle();
        edge();
        bool moved = !sender_.ready() || !receiver_.idle();
        sender_.cycle();
        if (receiver_.cycle(top_.uart_tx)) {
            if (receiver_.broken()) std::fputs("board: a broken frame on uart_tx\n", stderr);
            else made_.push_back(receiver_.byte());
        }
        return moved;
    }

    Vspikec_sim_top top_;
    bool uart_;
    UartSender sender_{CLOCK_HZ, BAUD};
    UartReceiver receiver_{CLOCK_HZ, BAUD};
    std::vector<uint8_t> given_, made_; // bytes for the device, from `next_` on, and its own
    size_t next_ = 0;
    unsigned quiet_ = 0, still_cycles_ = STILL_CYCLES;
    uint64_t cycles_ = 0;
};

// Memories are read from files that lie beside the program.
void go_home()
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = '\0';
    *std::strrchr(path, '/') = '\0';
    if (chdir(path) != 0) std::perror(path);
}

} // namespace

int main(int argc, char **argv)
{
    bool uart = argc == 2 && std::strcmp(argv[1], "--uart") == 0;
    if (argc > 2 || (argc == 2 && !uart)) {
        std::fprintf(stderr, "usage: %s [--uart]\n", argv[0]);
        return 2;
    }
    go_home();
    Line line;
    Board board(uart);
    std::printf("%s\n", line.path().c_str());
    std::fflush(stdout);
    while (!line.ended()) {
        if (board.wants_bytes()) board.give(line.read(READ_BYTES));
        board.run();
        line.write(board.take());
        if (board.still()) line.wait();
    }
    std::fprintf(stderr, "board: %" PRIu64 " clock cycles\n", board.cycles());
    return 0;
}
