"""The modules of the processes: one wrapper with fixed parameters per distinct kind of process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.module import Parameter, Rtl

PLACEHOLDER = "@MODULE@"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A process's module: its name, which equal modules share, and its text."""

    name: str
    text: str


def address_bits(words: int) -> int:
    """Bits of the address of a memory; at least 1.

    >>> address_bits(1), address_bits(2), address_bits(3)
    (1, 1, 2)
    """
    return max(1, (words - 1).bit_length())


def literal(value: Parameter) -> str:
    """A parameter as SystemVerilog: an integer, or a packed list of 32-bit integers, the first lowest.

    >>> literal(-3), literal((1, -2))
    ('-3', "{-32'sd2, 32'sd1}")
    """
    if isinstance(value, int):
        return str(value)
    return "{" + ", ".join(_signed(each) for each in reversed(value)) + "}"


def _signed(value: int) -> str:
    return f"-32'sd{-value}" if value < 0 else f"32'sd{value}"


def wrapped(kernel: str, rtl: Rtl, reads: Sequence[int], writes: Sequence[int]) -> Wrapped:
    """The wrapper of a process. reads, writes: bits of its streams and ports, in order.

    Its name is made from everything that makes it different, and so equal for equal modules.
    """
    shapes = [{"name": memory.name, "bits": memory.bits, "words": len(memory.words)} for memory in rtl.memories]
    content = {
        "kernel": kernel,
        "parameters": dict(rtl.parameters),
        "body": rtl.body,
        "memories": shapes,
        "images": {name: asdict(image) for name, image in rtl.images.items()},
        "reads": list(reads),
        "writes": list(writes),
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]
    name = f"{kernel}_{digest}"
    if rtl.body is not None:
        return Wrapped(name, rtl.body.replace(PLACEHOLDER, name))
    memories = [
        shape | {"address_bits": address_bits(len(memory.words))}
        for shape, memory in zip(shapes, rtl.memories, strict=True)
    ]
    parameters = {key: literal(value) for key, value in rtl.parameters.items()}
    text = render(
        environment(),
        "wrapper.sv.j2",
        name=name,
        kernel=kernel,
        parameters=parameters,
        reads=list(reads),
        writes=list(writes),
        memories=memories,
        joined={side: _joined(side, len(bits)) for side, bits in (("in", reads), ("out", writes))},
    )
    return Wrapped(name, text)


def _joined(side: str, count: int) -> dict[str, str]:
    """What a kernel's vector port is joined to: the signals of all streams of a side, the first lowest."""
    return {
        signal: "{" + ", ".join(f"{side}{number}_{signal}" for number in reversed(range(count))) + "}"
        for signal in ("data", "valid", "ready")
    }
