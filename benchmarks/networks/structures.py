"""Structures on which FIFO sizing is published, written from the descriptions in the papers.

Chains and trees of matrix products, residual blocks, attention and autoencoders are the designs of Stream-HLS (arXiv
2501.09118) that FIFOAdvisor (2025) sizes; skips across are what FINN and hls4ml size. One process per operation, one
element per word and cycle; a matmul holds its right operand whole, then takes a row of the left one and writes a row of
the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.networks.schedule import Item, loop, read, write


class Builder:
    """A network being put together. Methods add a process and return the name of the stream that it writes."""

    def __init__(self, bits: int = 16) -> None:
        self.bits = bits
        self.streams: list[str] = []
        self.processes: list[dict[str, Any]] = []

    def network(self) -> dict[str, Any]:
        """The content of `network.json`."""
        return {
            "streams": [{"name": name, "bits": self.bits} for name in self.streams],
            "processes": self.processes,
        }

    def source(self, name: str, words: int) -> str:
        """`words` words, one per cycle."""
        return self._process(name, lambda out: [loop(words, 1, write(out))])

    def sink(self, name: str, stream: str, words: int) -> None:
        """Takes what comes."""
        self.processes.append({"name": name, "schedule": [loop(words, 1, read(stream))]})

    def fork(self, name: str, stream: str, words: int, copies: int) -> list[str]:
        """Every word to `copies` streams."""
        outputs = [f"{name}_{number}" for number in range(copies)]
        self.streams += outputs
        body = [read(stream), *(write(output, 1) for output in outputs)]
        self.processes.append({"name": name, "kernel": "fork", "schedule": [loop(words, 1, *body)]})
        return outputs

    def pointwise(self, name: str, words: int, *inputs: str, latency: int = 3) -> str:
        """One word of each input to one word."""
        return self._process(name, lambda out: [loop(words, 1, *map(read, inputs), write(out, latency))])

    def rows(self, name: str, rows: int, taken: int, made: int, stream: str, work: int = 0) -> str:
        """Per row reads `taken` words, works, then writes `made` words; the next row is read in the meantime."""
        body = [loop(taken, 1, read(stream)), loop(made, 1, write(name), at=taken + work)]
        return self._process(name, lambda _: [loop(rows, max(taken, made), *body)])

    def matmul(self, name: str, left: str, right: str, shape: tuple[int, int, int]) -> str:
        """[n, k] x [k, m] of streams, `shape` = (n, k, m): the right operand whole, then row by row."""
        n, k, m = shape
        load: Item = loop(k * m, 1, read(right))
        return self._process(
            name,
            lambda out: [
                load,
                loop(n, max(k, m), loop(k, 1, read(left)), loop(m, 1, write(out), at=k + 4), at=k * m),
            ],
        )

    def _process(self, name: str, schedule: Callable[[str], list[Item]]) -> str:
        self.streams.append(name)
        self.processes.append({"name": f"make_{name}", "schedule": schedule(name)})
        return name


def chain(products: int, size: int = 8) -> dict[str, Any]:
    """(((A0 A1) A2) ...): `products` matrix products in sequence (k-mm, sequential)."""
    net = Builder()
    value = net.source("a0", size * size)
    for number in range(1, products + 1):
        value = net.matmul(f"m{number}", value, net.source(f"a{number}", size * size), (size, size, size))
    net.sink("result", value, size * size)
    return net.network()


def tree(products: int, size: int = 8) -> dict[str, Any]:
    """A balanced tree of `products` matrix products, 2^d - 1 (k-mm, tree): right operands wait to be complete."""
    net = Builder()
    level = [net.source(f"a{number}", size * size) for number in range(products + 1)]
    number = 0
    while len(level) > 1:
        pairs, level = zip(level[::2], level[1::2], strict=True), []
        for left, right in pairs:
            number += 1
            level.append(net.matmul(f"m{number}", left, right, (size, size, size)))
    net.sink("result", level[0], size * size)
    return net.network()


def residual(blocks: int, rows: int = 6, width: int = 8) -> dict[str, Any]:
    """x + layer(relu(layer(x))), `blocks` times; a layer takes a row before it writes one."""
    net, words = Builder(), rows * width
    value = net.source("x", words)
    for number in range(blocks):
        branch, skip = net.fork(f"fork{number}", value, words, 2)
        branch = net.rows(f"first{number}", rows, width, width, branch)
        branch = net.pointwise(f"relu{number}", words, branch, latency=1)
        branch = net.rows(f"second{number}", rows, width, width, branch)
        value = net.pointwise(f"add{number}", words, branch, skip)
    net.sink("y", value, words)
    return net.network()


def attention(tokens: int = 6, width: int = 4) -> dict[str, Any]:
    """softmax(Q K^T) V of one input: K and V have to be complete before the first row of Q is of use."""
    net, words = Builder(), tokens * width
    branches = net.fork("x_copies", net.source("x", words), words, 3)
    q, k, v = (net.rows(name, tokens, width, width, branch) for name, branch in zip("qkv", branches, strict=True))
    scores = net.matmul("scores", q, k, (tokens, width, tokens))
    weights = net.rows("softmax", tokens, tokens, tokens, scores, work=8)
    net.sink("y", net.matmul("mixed", weights, v, (tokens, tokens, width)), words)
    return net.network()


def autoencoder(levels: int = 3, words: int = 64, *, skips: bool = True) -> dict[str, Any]:
    """Halves `levels` times, takes the code whole, doubles as often; `skips`: a U-Net, levels joined across."""
    net = Builder()
    value, kept = net.source("x", words), []
    for level in range(levels):
        size = words >> level
        if skips:
            value, skip = net.fork(f"fork{level}", value, size, 2)
            kept.append(skip)
        value = net.rows(f"down{level}", size // 2, 2, 1, value, work=3)
    code = words >> levels
    value = net.rows("code", 1, code, code, value)
    for level in reversed(range(levels)):
        size = words >> level
        value = net.rows(f"up{level}", size // 2, 1, 2, value, work=3)
        if skips:
            value = net.pointwise(f"join{level}", size, value, kept.pop())
    net.sink("y", value, words)
    return net.network()


STRUCTURES: dict[str, Callable[[], dict[str, Any]]] = {
    "chain of 3 products": lambda: chain(3),
    "chain of 7 products": lambda: chain(7),
    "tree of 7 products": lambda: tree(7),
    "tree of 15 products": lambda: tree(15),
    "3 residual blocks": lambda: residual(3),
    "attention": attention,
    "autoencoder": lambda: autoencoder(skips=False),
    "U-Net": autoencoder,
}
"""By name, sizes at which the naive simulator of the tests takes a moment."""
