// uart_loop.cpp: the simulated board's two ends of a serial line, connected: every byte at ten rates, each with seven
// receivers whose clock is up to 3 % off. Says how many bytes went through; exit status 1 where one was damaged.
#include <cstdio>

#include "uart.h"

int main()
{
    const unsigned bauds[] = {115200, 921600, 1000000, 1500000, 2000000, 3000000, 3937008, 4000000, 6000000, 12500000};
    const uint64_t clock_hz = 100000000;
    unsigned sent = 0, damaged = 0;
    for (uint64_t baud : bauds) {
        for (int off = -3; off <= 3; off++) {
            UartSender sender(clock_hz, baud);
            UartReceiver receiver(clock_hz, baud * static_cast<uint64_t>(100 + off) / 100);
            for (unsigned byte = 0; byte < 256; byte++, sent++) {
                sender.send(static_cast<uint8_t>(byte));
                bool through = false;
                for (uint64_t i = 0; i < 12 * clock_hz / baud && !through; i++) {
                    through = receiver.cycle(sender.line());
                    sender.cycle();
                }
                if (!through || receiver.broken() || receiver.byte() != byte) damaged++;
                while (!sender.ready()) sender.cycle();
            }
        }
    }
    std::printf("%u bytes, %u damaged\n", sent, damaged);
    return damaged > 0;
}
