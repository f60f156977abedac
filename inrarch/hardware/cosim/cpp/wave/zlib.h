// What Verilator's writer of waveforms needs of zlib, without the library: nothing becomes smaller, so it keeps what it has.
#pragma once

using uLong = unsigned long;
using uLongf = uLong;
using Bytef = unsigned char;
constexpr int Z_OK = 0;

inline uLong compressBound(uLong size) { return size + 1; }

// `size` is more than what is given, for which the writer looks before it takes any of it.
inline int compress2(Bytef*, uLongf* size, const Bytef*, uLong given, int) {
    *size = given + 1;
    return Z_OK;
}
