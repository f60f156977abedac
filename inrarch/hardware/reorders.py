"""The memories and addresses of a reorder unit, from the maps in `network.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from inrarch.dataflow.element_maps import ElementMap, from_runs
from inrarch.hardware.layout import Layout, Unit
from inrarch.numeric.arithmetic import rescale
from inrarch.numeric.formats import Formats, to_integers
from inrarch.numeric.view import constant_array


@dataclass(frozen=True, slots=True)
class Tap:
    """A memory: what lane `lane` of field `field` of input `input` brings, for output lane and field `slot`."""

    input: int
    field: int
    lane: int
    slot: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """One number of an output token. taps: its memories, shifts: binary places that their rounding drops.

    column: of the memory of codes.
    """

    lane: int
    field: int
    taps: tuple[int, ...]
    shifts: tuple[int, ...]
    column: int


@dataclass(frozen=True, slots=True)
class ReorderUnit:
    """A unit as the template prints it.

    reads: tokens per row of each input. codes: per output token and column, ``memory << address_bits | address``, the
    memory counted among the taps of the slot; beyond them, the address is a place in `constants`. code_bits: signed.
    """

    step: int
    lag: int
    data_bits: int
    address_bits: int
    code_bits: int
    reads: tuple[int, ...]
    taps: tuple[Tap, ...]
    slots: tuple[Slot, ...]
    codes: list[list[int]]
    constants: list[int]


def build_reorder(unit: Unit, layout: Layout, initializers: Mapping[str, ir.Value], formats: Formats) -> ReorderUnit:
    """Memories, shifts, addresses and constants of a unit."""
    given, out = unit.parameters, layout.written_by(unit)
    streams = [layout.stream(read["stream"]) for read in given["inputs"]]
    reads = tuple(s.features * max(s.repeat, 1) // s.lanes for s in streams)
    places = {name: (n, s.place_of(name)) for n, s in enumerate(streams) for name in given["inputs"][n]["fields"]}
    taps: dict[Tap, int] = {}
    constants: dict[int, int] = {}
    found: dict[tuple[int, int], tuple[dict[int, int], dict[int, int], list[tuple[int, int]]]] = {}
    """Per slot: tap -> its number in the slot; tap -> shift; per token: (number in the slot or -1, address)."""
    for field, (result, listed) in enumerate(zip(given["output_fields"], given["maps"], strict=True)):
        runs = tuple((run[0], run[1], run[2], run[3]) for run in listed["runs"])
        each, target = from_runs(tuple(listed["sources"]), runs), formats.of(result)
        numbers = _constants(each, initializers, formats, result)
        for k, (source, element) in enumerate(zip(each.source, each.element, strict=True)):
            slot = (k % out.lanes, field)
            local, shifts, tokens = found.setdefault(slot, ({}, {}, []))
            name = each.sources[source] if source >= 0 else None
            if name is None or name in numbers:
                number = 0 if name is None else int(numbers[name][element])
                tokens.append((-1, constants.setdefault(number, len(constants))))
                continue
            stream, carried = places[name]
            tap = Tap(stream, carried, element % streams[stream].lanes, slot)
            memory = taps.setdefault(tap, len(taps))
            shifts[memory] = formats.of(name).frac - target.frac
            tokens.append((local.setdefault(memory, len(local)), element // streams[stream].lanes))
    address_bits = max((*reads, len(constants), 2), default=2)
    address_bits = (address_bits - 1).bit_length()
    columns: dict[tuple[int, ...], int] = {}
    slots = []
    for (lane, field), (local, shifts, tokens) in sorted(found.items()):
        codes = tuple((len(local) if n < 0 else n) << address_bits | address for n, address in tokens)
        column = columns.setdefault(codes, len(columns))
        slots.append(Slot(lane, field, tuple(local), tuple(shifts[tap] for tap in local), column))
    return ReorderUnit(
        step=given["T"],
        lag=given["lag"],
        data_bits=out.field_bits,
        address_bits=address_bits,
        code_bits=max(max(column) for column in columns).bit_length() + 1,
        reads=reads,
        taps=tuple(taps),
        slots=tuple(slots),
        codes=[list(word) for word in zip(*columns, strict=True)],
        constants=list(constants) or [0],
    )


def _constants(
    each: ElementMap, initializers: Mapping[str, ir.Value], formats: Formats, result: str
) -> dict[str, np.ndarray]:
    """The initializers among the sources as integers of the result's format."""
    found = {}
    for name in each.sources:
        array = constant_array(initializers[name]) if name in initializers else None
        if array is not None:
            integers = to_integers(array.reshape(-1), formats.of(name))
            found[name] = rescale(integers, formats.of(name).frac, formats.of(result)).values
    return found
