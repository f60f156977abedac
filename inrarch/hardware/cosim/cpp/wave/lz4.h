// What Verilator's writer of waveforms needs of LZ4, without the library: a valid block of literals alone, no smaller than
// what it holds (format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md). The whole file is compressed
// afterwards (inrarch/hardware/cosim/waveform.py).
#pragma once
#include <cstring>

inline int LZ4_compressBound(int size) { return size + size / 255 + 16; }

// The caller gives room for LZ4_compressBound(size) bytes.
inline int LZ4_compress_default(const char* from, char* to, int size, int) {
    char* place = to;
    if (size < 15) {
        *place++ = static_cast<char>(size << 4);
    } else {
        *place++ = static_cast<char>(0xF0);
        int rest = size - 15;
        for (; rest >= 255; rest -= 255) *place++ = static_cast<char>(255);
        *place++ = static_cast<char>(rest);
    }
    if (size) std::memcpy(place, from, static_cast<std::size_t>(size));
    return static_cast<int>(place - to) + size;
}
