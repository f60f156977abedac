// A board on a pseudo terminal: bytes that come on stdin go over the serial line into the design, bytes that the design
// sends go to stdout. Ends when stdin does.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <verilated.h>

#include "Vinrarch_serial_top.h"
#include "Vinrarch_serial_top_all.cpp"

int main() {
    VerilatedContext context;
    Vinrarch_serial_top top(&context);
    const int bit = CYCLES_PER_BIT;
    int sent = -1, cycle_of_bit = 0, left = 0;          // towards the design: start, 8 data bits, stop
    int received = 0, wait = 0, bits_left = 0;          // from it: sampled in the middle of every bit
    bool open = true;
    top.receive = 1;
    top.reset = 1;
    for (long cycle = 0;; ++cycle) {
        if (cycle == 10) top.reset = 0;
        if (left == 0 && cycle > 20 && open && cycle % 8 == 0) {
            pollfd waiting{0, POLLIN, 0};
            if (poll(&waiting, 1, 0) > 0) {
                unsigned char byte;
                const ssize_t count = read(0, &byte, 1);
                if (count == 1) {
                    sent = (1 << 9) | (byte << 1);
                    left = 10;
                    cycle_of_bit = 0;
                } else {
                    open = false;
                }
            }
        }
        if (!open) return 0;
        if (left > 0) {
            top.receive = sent & 1;
            if (++cycle_of_bit == bit) {
                cycle_of_bit = 0;
                sent >>= 1;
                --left;
            }
        } else {
            top.receive = 1;
        }
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        if (bits_left == 0) {
            if (!top.transmit && !top.reset) {
                bits_left = 9;
                wait = bit + bit / 2 - 1;
            }
        } else if (wait-- == 0) {
            wait = bit - 1;
            --bits_left;
            if (bits_left > 0) {
                received = (received >> 1) | (top.transmit << 7);
            } else {
                const unsigned char byte = received;
                if (write(1, &byte, 1) != 1) return 1;
                received = 0;
            }
        }
    }
}
