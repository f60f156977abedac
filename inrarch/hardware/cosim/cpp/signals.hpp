// Signals of Verilator's models as rows of 32-bit chunks, the lowest first, whatever type they have.
#pragma once
#include <cstdint>
#include <type_traits>

namespace inrarch_cosim {

using chunk = std::uint32_t;

constexpr int chunks_of(int bits) { return (bits + 31) / 32; }

// bits: of the signal; those above are cleared, as Verilator expects.
template <class Signal>
inline void put(Signal& signal, const chunk* from, int bits) {
    if constexpr (std::is_integral_v<Signal>) {
        std::uint64_t word = from[0];
        if (bits > 32) word |= static_cast<std::uint64_t>(from[1]) << 32;
        if (bits < 64) word &= (std::uint64_t{1} << bits) - 1;
        signal = static_cast<Signal>(word);
    } else {
        const int chunks = chunks_of(bits);
        for (int k = 0; k < chunks; ++k) signal[k] = from[k];
        if (bits % 32) signal[chunks - 1] &= (chunk{1} << bits % 32) - 1;
    }
}

template <class Signal>
inline void get(const Signal& signal, chunk* to, int bits) {
    if constexpr (std::is_integral_v<Signal>) {
        to[0] = static_cast<chunk>(signal);
        if constexpr (sizeof(Signal) > 4) {
            if (bits > 32) to[1] = static_cast<chunk>(signal >> 32);
        }
    } else {
        for (int k = 0; k < chunks_of(bits); ++k) to[k] = signal[k];
    }
}

}  // namespace inrarch_cosim
