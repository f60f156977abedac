"""C++ that feeds a kernel with tokens and prints what it makes."""

from __future__ import annotations


def feeder(kernel: str) -> str:
    """Includes, and the processes `feed<TOKEN, FEATURES>(out, numbers, rows)` and `show(in, tokens)`."""
    return f'#include "{kernel}/{kernel}.hpp"\n{_PROCESSES}'


_PROCESSES = """
#include "common/process.hpp"
#include <iostream>

template <class TOKEN, int FEATURES> void feed(hls::stream<TOKEN>& out, const long long* x, int rows) {
    for (int token = 0; token < rows * FEATURES / TOKEN::lanes; ++token) {
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
