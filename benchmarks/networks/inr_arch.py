"""Reverse mode in INR-Arch's kernel style (arXiv 2308.05930): a SIREN and the gradients of its outputs, as a network.

    python -m benchmarks.networks.inr_arch [--batch 64] [-o network.json]

The structure is derived here from the tape of `torch.autograd.grad(y[:, c].sum(), x)` for every output c, nothing
merged; with 2 -> 256 x 4 -> 3 it has the 238 streams and 215 processes that the paper reports. Assumptions:

* One process per operation of the tape. Forward, per layer: W, b, transpose of W, matmul, add b, times w0, sine.
  Backward, per output: ones, expand (of the sum), select_backward (zeros in the other columns), then per layer a
  matmul with W, and per sine cos(z), product, times w0. Last, one process selects each column of dy_c/dx and of y.
* Weights, biases and seeds come through streams as well. Every tensor goes into one copy process with one stream
  to each of its readers, even where it has a single one. The kernels do not share the three cosines of a layer.
* A stream's word is one element of 32 bits, a tensor's elements row by row: at this width the paper's block RAM
  follows from its words (15,579 x 32 bits are 27 block RAMs at least, 60 reported).
* Copies and pointwise kernels take one element per cycle. Stages from read to write: copy, add, select, expand 1,
  product 3, sine and cosine 20. As in its matmul, the loop over columns is not flattened with the loop over rows: the
  pipeline drains at the end of a row (flattened, the last elements of a row would wait in it for the next row).
* A transpose reads the whole matrix before it writes.
* A matmul reads its whole matrix, then, for one row after the other, reads the row, multiplies, and writes the row;
  the three do not overlap. P = 64 products per cycle; the loop over a dot product is not flattened with the loop
  over outputs and so fills its pipeline of 20 stages each time: of 256 products, 4 cycles in 24 are used (17 %, as
  measured for its code). A row of 256 -> 256 takes 256 + 256 x 24 + 256 = 6,656 cycles.
* Schedules repeat in the order of the loops; nothing else limits a process.

Against the paper: 64 rows take 6,656 x 64 cycles plus the weights (twice: transposed first) and the fill of the
chain; it reports 557,713 cycles. FIFO words do not depend on the clock or on the board.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.networks.schedule import Item, loop, read, write

PAPER_WORDS, PAPER_BRAM18, PAPER_CYCLES = 15_579, 60, 557_713
"""INR-Arch's figures for the order-1 network of 64 rows after its own FIFO optimisation (arXiv 2308.05930)."""

WIDTHS = (2, 256, 256, 256, 256, 3)
LATENCY = {"copy": 1, "add": 1, "scale": 3, "mul": 3, "sin": 20, "cos": 20}
"""Stages from the read of an element to its write."""


@dataclass(frozen=True, slots=True)
class Node:
    """An operation of the tape. inputs: nodes. shape: rows and columns of its result. column: that it selects."""

    name: str
    kernel: str
    shape: tuple[int, int]
    inputs: tuple[str, ...]
    column: int = 0

    @property
    def size(self) -> int:
        """Elements of its result."""
        return self.shape[0] * self.shape[1]


@dataclass(slots=True)
class Tape:
    """Operations in the order in which they were recorded."""

    nodes: dict[str, Node] = field(default_factory=dict)

    def add(self, name: str, kernel: str, shape: tuple[int, int], *inputs: str, column: int = 0) -> str:
        """Record an operation; its name."""
        self.nodes[name] = Node(name, kernel, shape, inputs, column)
        return name

    def readers(self, name: str) -> list[str]:
        """Operations that take the result of this one."""
        return [node.name for node in self.nodes.values() if name in node.inputs]


def siren_tape(widths: Sequence[int], batch: int) -> Tape:
    """The SIREN forward, then one pass backward per output, as autograd records them."""
    tape, last = Tape(), len(widths) - 1
    value = tape.add("x", "source", (batch, widths[0]))
    weights, phases = {}, {}
    for layer in range(1, last + 1):
        fan_in, fan_out = widths[layer - 1], widths[layer]
        weights[layer] = tape.add(f"w{layer}", "source", (fan_out, fan_in))
        bias = tape.add(f"b{layer}", "source", (1, fan_out))
        turned = tape.add(f"t{layer}", "transpose", (fan_in, fan_out), weights[layer])
        product = tape.add(f"mm{layer}", "matmul", (batch, fan_out), value, turned)
        value = tape.add(f"add{layer}", "add", (batch, fan_out), product, bias)
        if layer < last:
            phases[layer] = tape.add(f"z{layer}", "scale", (batch, fan_out), value)
            value = tape.add(f"sin{layer}", "sin", (batch, fan_out), phases[layer])
    results = [tape.add(f"y_{c}", "select", (batch, 1), value, column=c) for c in range(widths[-1])]
    for c in range(widths[-1]):
        ones = tape.add(f"ones_{c}", "source", (1, 1))
        seed = tape.add(f"expand_{c}", "expand", (batch, 1), ones)
        gradient = tape.add(f"seed_{c}", "select_backward", (batch, widths[-1]), seed, column=c)
        for layer in range(last, 0, -1):
            gradient = tape.add(f"g{layer}_{c}", "matmul", (batch, widths[layer - 1]), gradient, weights[layer])
            if layer > 1:
                shape = (batch, widths[layer - 1])
                slope = tape.add(f"cos{layer - 1}_{c}", "cos", shape, phases[layer - 1])
                product = tape.add(f"p{layer - 1}_{c}", "mul", shape, gradient, slope)
                gradient = tape.add(f"q{layer - 1}_{c}", "scale", shape, product)
        results += [tape.add(f"dy{c}_dx{j}", "select", (batch, 1), gradient, column=j) for j in range(widths[0])]
    for result in results:
        tape.add(f"out_{result}", "sink", (batch, 1), result)
    return tape


def inr_arch_network(
    batch: int = 64, widths: Sequence[int] = WIDTHS, *, parallel: int = 64, fill: int = 20, bits: int = 32
) -> dict[str, Any]:
    """The content of `network.json`. batch: rows. parallel: products per cycle of a matmul. fill: stages of its loop.

    The kernel of copy processes is `fork`: their outputs carry the same words (`inrarch.fifo.share`).
    """
    tape = siren_tape(widths, batch)
    streams: list[str] = []
    processes: list[dict[str, Any]] = []
    for node in tape.nodes.values():
        schedule = _schedule(tape, node, parallel, fill)
        processes.append({"name": node.name, "schedule": schedule})
        if node.kernel == "sink":
            continue
        copies = [f"{node.name}__{reader}" for reader in tape.readers(node.name)]
        streams += [node.name, *copies]
        copy = _row_by_row(node.shape, [node.name], copies, LATENCY["copy"])
        processes.append({"name": f"copy_{node.name}", "kernel": "fork", "schedule": [copy]})
    return {"streams": [{"name": name, "bits": bits} for name in streams], "processes": processes}


def _schedule(tape: Tape, node: Node, parallel: int, fill: int) -> list[Item]:
    reads = [f"{each}__{node.name}" for each in node.inputs]
    sizes = [tape.nodes[each].size for each in node.inputs]
    rows, columns = node.shape
    match node.kernel:
        case "source":
            return [loop(node.size, 1, write(node.name))]
        case "sink":
            return [loop(sizes[0], 1, read(reads[0]))]
        case "transpose":
            return [loop(sizes[0], 1, read(reads[0])), loop(node.size, 1, write(node.name), at=sizes[0])]
        case "matmul":
            fan_in = tape.nodes[node.inputs[0]].shape[1]
            compute = columns * (-(-fan_in // parallel) + fill)
            row = [
                loop(fan_in, 1, read(reads[0])),
                loop(columns, 1, write(node.name), at=fan_in + compute),
            ]
            return [
                loop(sizes[1], 1, read(reads[1])),
                loop(rows, fan_in + compute + columns, *row, at=sizes[1]),
            ]
        case "add":
            body = _row_by_row(node.shape, reads[:1], [node.name], LATENCY["add"])
            return [loop(columns, 1, read(reads[1])), {**body, "at": columns}]
        case "expand":
            return [read(reads[0]), loop(node.size, 1, write(node.name), at=1)]
        case "select_backward":
            return [loop(rows, columns, read(reads[0]), loop(columns, 1, write(node.name), at=1))]
        case "select":
            fan_in = tape.nodes[node.inputs[0]].shape[1]
            return [loop(rows, fan_in, loop(fan_in, 1, read(reads[0])), write(node.name, node.column + 1))]
        case pointwise:
            return [_row_by_row(node.shape, reads, [node.name], LATENCY[pointwise])]


def _row_by_row(shape: tuple[int, int], reads: Sequence[str], writes: Sequence[str], latency: int) -> Item:
    """One element per cycle; the pipeline drains at the end of a row."""
    rows, columns = shape
    body = [*map(read, reads), *(write(each, latency) for each in writes)]
    return loop(rows, columns + latency, loop(columns, 1, *body))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64, help="rows")
    parser.add_argument("-o", "--output", type=Path, default=Path("network.json"))
    options = parser.parse_args()
    options.output.write_text(json.dumps(inr_arch_network(options.batch), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
