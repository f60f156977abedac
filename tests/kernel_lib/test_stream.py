"""Simulated streams are bounded and block; a network that cannot go on says which process waits for which stream."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel_lib.compiling import integers, run_program

# in --> fork --> delay of `held` tokens --> join --> out
#          \-------- direct ------------/
_RECONVERGENT = """
#include "common/process.hpp"
#include "fork/fork.hpp"
#include <iostream>

using token = inrarch::jet_token<8, 1, 1>;
using tokens = hls::stream<token>;
constexpr int count = 20;

void produce(tokens& out) {
    for (int i = 0; i < count; ++i) {
        token t;
        t.value[0][0] = i;
        out.write(t);
    }
}
// Writes its first token after it has read `held`.
void delay(tokens& in, tokens& out, int held) {
    tokens inside("inside");
    for (int i = 0; i < count; ++i) {
        inside.write(in.read());
        if (i >= held - 1) out.write(inside.read());
    }
    while (!inside.empty()) out.write(inside.read());
}
void join(tokens& a, tokens& b, tokens& out) {
    for (int i = 0; i < count; ++i) {
        token t = a.read();
        t.value[0][0] += b.read().value[0][0];
        out.write(t);
    }
}

int main() {
    tokens out("out");
    try {
        tokens start("start"), slow("slow"), delayed("delayed"), direct("direct");
        INRARCH_DEPTH(start, 2);
        INRARCH_DEPTH(slow, 2);
        INRARCH_DEPTH(delayed, 2);
        INRARCH_DEPTH(direct, %DEPTH%);
        INRARCH_PROCESS("produce", produce(start));
        INRARCH_PROCESS("fork", inrarch::fork<count>(start, direct, slow));
        INRARCH_PROCESS("delay", delay(slow, delayed, 6));
        INRARCH_PROCESS("join", join(direct, delayed, out));
        INRARCH_RUN();
    } catch (const inrarch_simulation::deadlock& stop) {
        std::cerr << stop.what() << "\\n";
        return 3;
    }
    while (!out.empty()) std::cout << out.read().value[0][0] << ' ';
    std::cout << "\\n";
    for (const auto& s : inrarch_simulation::statistics()) {
        if (s.name != "direct") continue;
        std::cout << s.depth << ' ' << s.high_water << ' ' << s.writes << ' ' << s.reads << "\\n";
    }
}
"""


def test_reconvergent_network_runs_with_room_for_the_delay(tmp_path: Path) -> None:
    sums, (depth, high_water, writes, reads) = integers(run_program(tmp_path, _RECONVERGENT.replace("%DEPTH%", "6")))
    assert sums == [2 * i for i in range(20)]
    assert (depth, writes, reads) == (6, 20, 20)
    assert 5 <= high_water <= 6


def test_reconvergent_network_with_too_little_room_deadlocks_and_says_where(tmp_path: Path) -> None:
    message = run_program(tmp_path, _RECONVERGENT.replace("%DEPTH%", "4"), exit_code=3)
    assert message == (
        "deadlock:\n"
        "  process 'produce' waits to write 'start', which holds 2 of 2 words\n"
        "  process 'fork' waits to write 'direct', which holds 4 of 4 words\n"
        "  process 'delay' waits to read 'slow', which holds 0 of 2 words\n"
        "  process 'join' waits to read 'delayed', which holds 0 of 2 words\n"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("s.read();", "stream 's' would block outside of a process"),
        ("INRARCH_DEPTH(s, 1); s.write(1); s.write(2);", "stream 's' would block outside of a process"),
    ],
)
def test_a_stream_cannot_block_outside_of_a_process(tmp_path: Path, body: str, message: str) -> None:
    source = """
    #include "common/process.hpp"
    #include <iostream>
    int main() {
        try {
            hls::stream<int> s("s");
            %BODY%
        } catch (const std::logic_error& error) {
            std::cerr << error.what() << "\\n";
            return 7;
        }
    }"""
    assert run_program(tmp_path, source.replace("%BODY%", body), exit_code=7) == message + "\n"


def test_unbounded_streams_keep_their_order_while_they_grow(tmp_path: Path) -> None:
    source = """
    #include <hls_stream.h>
    #include <iostream>
    int main() {
        hls::stream<int> s;
        int next = 0;
        for (int i = 0; i < 300; ++i) {
            s.write(i);
            if (i % 3 == 0 && s.read() != next++) return 1;
        }
        while (!s.empty()) if (s.read() != next++) return 1;
        std::cout << next << "\\n";
    }"""
    assert run_program(tmp_path, source) == "300\n"
