// Signals of Verilator's models as rows of 32-bit chunks, the lowest first, whatever type they have: 8, 16, 32 or 64 bits,
// or an array of 32-bit words. All of these have the chunks in memory as they are, the machine being little-endian.
#pragma once
#include <cstdint>
#include <cstring>

namespace inrarch_cosim {

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "signals are copied as the bytes of a little-endian machine"
#endif

using chunk = std::uint32_t;

constexpr int chunks_of(int bits) { return (bits + 31) / 32; }

// bytes: of its type, which may be fewer than those of its chunks.
struct signal {
    void* place = nullptr;
    std::size_t bytes = 0;

    // Bits above those of the signal must be 0.
    void put(const chunk* from) const { std::memcpy(place, from, bytes); }

    void get(chunk* to, int chunks) const {
        to[chunks - 1] = 0;
        std::memcpy(to, place, bytes);
    }

    std::uint64_t number() const {
        std::uint64_t value = 0;
        std::memcpy(&value, place, bytes);
        return value;
    }
};

template <class Type>
signal signal_of(Type& value) {
    return {&value, sizeof value};
}

}  // namespace inrarch_cosim
