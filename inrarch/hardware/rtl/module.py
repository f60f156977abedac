"""What a kernel says of the RTL of one of its processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Parameter = int | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """A read-only memory beside a process, on the ports `<name>_address`, `<name>_enable` and `<name>_data`.

    words: as unsigned integers of `bits` bits.
    """

    name: str
    bits: int
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """The content of a read-only memory inside of a generated module. words: as unsigned integers of `bits` bits."""

    bits: int
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rtl:
    """A process as a SystemVerilog module; processes with equal parameters and body share it.

    parameters: of `inrarch_<kernel>` by name; a tuple is a packed list of 32-bit integers, the first lowest.
    body: the text of the module, where it is generated; its name in the text is `@MODULE@`, and its ports are those of a
    wrapper (`inrarch.hardware.rtl.wrapper`). images: by file name, the memories that a body reads.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    memories: tuple[Memory, ...] = ()
    body: str | None = None
    images: Mapping[str, Image] = field(default_factory=dict)
