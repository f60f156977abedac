// A module of the design in Verilator, behind an interface that is the same for all.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "signals.hpp"

class VerilatedContext;

namespace inrarch_cosim {

// One end of a channel: valid, ready, data.
struct handshake {
    std::uint8_t* valid;
    std::uint8_t* ready;
    signal data;
};

// A read-only memory beside a process (inrarch_rom): the word at `address` follows a clock edge with `enable`.
struct memory_port {
    signal address;
    std::uint8_t* enable;
    signal data;
};

class process {
public:
    virtual ~process() = default;
    virtual void eval() = 0;
    // Begins a waveform; does nothing in a model that was made without.
    virtual void open_waveform(const char*) {}

    // A half of a clock cycle.
    void level(std::uint8_t value) {
        *clk = value;
        eval();
    }

    std::uint8_t* clk = nullptr;
    std::uint8_t* reset = nullptr;
    std::vector<handshake> reads, writes;
    std::vector<memory_port> memories;
};

using maker = std::unique_ptr<process> (*)(VerilatedContext&);

inline std::map<std::string, maker>& makers() {
    static std::map<std::string, maker> all;
    return all;
}

struct registered {
    registered(const char* module, maker make) { makers()[module] = make; }
};

}  // namespace inrarch_cosim
