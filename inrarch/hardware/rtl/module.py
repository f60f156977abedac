"""What a kernel says of the RTL of one of its processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inrarch.dataflow.target import Target

Parameter = int | tuple[int, ...]


def multipliers(target: Target) -> dict[str, Parameter]:
    """The parameters of a kernel with products: signed bits of the device's multiplier blocks."""
    return {"MULTIPLIER_WIDE": target.shape[0], "MULTIPLIER_NARROW": target.shape[1]}


@dataclass(frozen=True, slots=True)
class Memory:
    """A read-only memory beside a process, on the ports `<name>_address`, `<name>_enable` and `<name>_data`.

    words: as unsigned integers of `bits` bits.
    """

    name: str
    bits: int
    words: tuple[int, ...]

    @staticmethod
    def of(name: str, numbers: npt.NDArray[np.int64], bits: int) -> Memory:
        """A word per row of numbers [words, lanes] of `bits` bits each, in two's complement, lane 0 lowest.

        >>> Memory.of("weights", np.array([[1, -1], [2, 0]]), 4).words
        (241, 2)
        """
        one_by_one = numbers.astype(np.int64)[:, :, None] >> np.arange(bits) & 1
        packed = np.packbits(one_by_one.reshape(len(numbers), -1).astype(np.uint8), axis=1, bitorder="little")
        words = tuple(int.from_bytes(row.tobytes(), "little") for row in packed)
        return Memory(name, numbers.shape[1] * bits, words)


@dataclass(frozen=True, slots=True)
class Image:
    """The content of a read-only memory inside of a generated module. words: as unsigned integers of `bits` bits."""

    bits: int
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rtl:
    """A process as a SystemVerilog module; processes with equal parameters and body share it.

    parameters: of `inrarch_<kernel>` by name; a tuple is a packed list of 32-bit integers, the first lowest.
    body: the text of the module, where it is generated; its name in the text is `@MODULE@`, and its ports are those
    of a wrapper (`inrarch.hardware.rtl.wrapper`). images: by file name, the memories that a body reads.
    reads, writes: names of its streams in the order of its ports, where that is not the order of the network.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    memories: tuple[Memory, ...] = ()
    body: str | None = None
    images: Mapping[str, Image] = field(default_factory=dict)
    reads: tuple[str, ...] | None = None
    writes: tuple[str, ...] | None = None
