"""C++ that feeds kernels with tokens and prints what they make."""

from __future__ import annotations


def feeder(*kernels: str) -> str:
    """Includes, and the processes `feed(out, numbers, tokens)` and `show(in, tokens)`."""
    return "".join(f'#include "{kernel}/{kernel}.hpp"\n' for kernel in kernels) + _PROCESSES


_PROCESSES = """
#include "common/process.hpp"
#include <iostream>

template <class TOKEN> void feed(hls::stream<TOKEN>& out, const long long* x, int tokens) {
    for (int token = 0; token < tokens; ++token) {
        TOKEN t;
        for (auto& feature : t.value) {
            for (auto& field : feature) field = *x++;
        }
        out.write(t);
    }
}
template <class TOKEN> void show(hls::stream<TOKEN>& in, int tokens) {
    for (int token = 0; token < tokens; ++token) {
        const TOKEN t = in.read();
        for (const auto& feature : t.value) {
            for (const auto& field : feature) std::cout << field << ' ';
        }
    }
    std::cout << '\\n';
}
"""
