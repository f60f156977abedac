"""Random reconvergent networks: multi-rate, forks and joins, blocks that are read before they are written.

    python -m benchmarks.networks.reconvergent [--streams 300] [--accesses 10000000] [--seed 0] [-o network.json]

A network is grown from one source. The open ends of streams wait on a shelf; each step takes one to three of them and
puts a process behind: a pipeline of 1 to 40 stages, a fork to 2 or 3 streams, a join of 2 or 3 streams, a block of 4
to 64 words that is read before it is written (and so needs as many words in a parallel path, or deadlocks), or a
change of rate by 2 or 4. The last process reads what is left. There is no feedback, so unbounded FIFOs do not
deadlock; with two words each, most of these networks do.

All schedules repeat once per frame, of 64 words in a stream of the base rate; a frame starts as late as the widest
stream needs, so that rates match and what a FIFO holds does not grow with the number of frames.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from benchmarks.networks.schedule import Item, accesses, loop, read, write

FRAME = 64
"""Words per frame at the base rate."""

RATES = (16, 32, 64, 128)
"""Words per frame that streams may have."""


def reconvergent_network(streams: int, least_accesses: int = 10_000_000, seed: int = 0) -> dict[str, Any]:
    """The content of `network.json` with exactly `streams` streams and at least `least_accesses` accesses."""
    grown = _Growth(random.Random(f"{streams}/{seed}"))
    grown.grow(streams)
    per_frame = sum(accesses(body) for _, body in grown.processes)
    frames = -(-least_accesses // per_frame)
    return {
        "streams": [{"name": name, "bits": bits} for name, bits in grown.streams.items()],
        "processes": [
            {"name": name, **_kernel(name), "schedule": [loop(frames, max(RATES), *body)]}
            for name, body in grown.processes
        ],
    }


def _kernel(name: str) -> dict[str, str]:
    return {"kernel": "fork"} if name.startswith("fork") else {}


class _Growth:
    """A network that grows. shelf: streams without a reader. words: per frame. room: streams still to come."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.streams: dict[str, int] = {}
        self.words: dict[str, int] = {}
        self.shelf: list[str] = []
        self.processes: list[tuple[str, list[Item]]] = []
        self.room = 0

    def grow(self, streams: int) -> None:
        first = self._stream(FRAME)
        self._process("source", [loop(FRAME, self._pace(first), write(first))])
        while len(self.streams) < streams:
            self.room = streams - len(self.streams)
            few, many = len(self.shelf) < 3, len(self.shelf) > 8
            kinds = [self._pipeline, self._block, self._rate]
            kinds += [self._fork] * (self.room > 1) * (0 if many else 4 if few else 2)
            kinds += [self._join] * (len(self.shelf) > 1) * (4 if many else 2)
            self.rng.choice(kinds)()
        self._process("sink", [self._reads(name, self.words[name], max(RATES)) for name in self.shelf])

    def _pipeline(self) -> None:
        source, latency = self._take(), self.rng.randint(1, 40)
        result = self._stream(self.words[source])
        self._process("pipe", [loop(self.words[source], self._pace(source), read(source), write(result, latency))])

    def _block(self) -> None:
        source, words = self._take(), self.rng.choice([4, 8, 16, 32, 64])
        words = min(words, self.words[source])
        result, pace = self._stream(self.words[source]), self._pace(source)
        body = [loop(words, pace, read(source)), loop(words, pace, write(result), at=words * pace)]
        self._process("block", [loop(self.words[source] // words, words * pace, *body)])

    def _rate(self) -> None:
        source = self._take()
        target = self.rng.choice([rate for rate in RATES if rate != self.words[source]])
        result, latency = self._stream(target), self.rng.randint(1, 8)
        count = min(target, self.words[source])
        every = max(RATES) // count
        body = [self._reads(source, self.words[source] // count, every)]
        each = target // count
        body.append(loop(each, every // each, write(result), at=every + latency))
        self._process("rate", [loop(count, every, *body)])

    def _fork(self) -> None:
        source = self._take()
        count = min(self.room, self.rng.choice([2, 2, 3]))
        results = [self._stream(self.words[source], self.streams[source]) for _ in range(count)]
        copies = [write(result, 1) for result in results]
        self._process("fork", [loop(self.words[source], self._pace(source), read(source), *copies)])

    def _join(self) -> None:
        count = min(len(self.shelf), self.rng.choice([2, 2, 3]))
        sources = [self._take() for _ in range(count)]
        base = min(self.words[source] for source in sources)
        every, latency = max(RATES) // base, self.rng.randint(1, 12)
        result = self._stream(base)
        reads = [self._reads(source, self.words[source] // base, every) for source in sources]
        self._process("join", [loop(base, every, *reads, write(result, every + latency))])

    def _pace(self, stream: str) -> int:
        return max(RATES) // self.words[stream]

    def _reads(self, stream: str, count: int, within: int) -> Item:
        return loop(count, within // count, read(stream))

    def _stream(self, words: int, bits: int | None = None) -> str:
        name = f"s{len(self.streams)}"
        self.streams[name] = self.rng.choice([8, 18, 32, 36, 64]) if bits is None else bits
        self.words[name] = words
        self.shelf.append(name)
        return name

    def _take(self) -> str:
        return self.shelf.pop(self.rng.randrange(len(self.shelf)))

    def _process(self, kind: str, body: list[Item]) -> None:
        self.processes.append((f"{kind}{len(self.processes)}", body))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--accesses", type=int, default=10_000_000, help="at least so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=Path("network.json"))
    options = parser.parse_args()
    network = reconvergent_network(options.streams, options.accesses, options.seed)
    options.output.write_text(json.dumps(network, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
