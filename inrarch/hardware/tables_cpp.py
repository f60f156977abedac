"""Function tables as C++ constants: one core (polynomial memories) may serve several functions and formats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inrarch.hardware.names import Namer
from inrarch.numeric.polynomial import Polynomial, signed_bits
from inrarch.numeric.reductions import ExponentialTable, FoldedTable, NormalisedTable, PhaseTable, Table, WindowTable
from inrarch.numeric.tables import table_name


@dataclass(frozen=True, slots=True)
class CoreText:
    """A polynomial core under the name that its files use."""

    name: str
    polynomial: Polynomial

    @property
    def address_bits(self) -> int:
        """Bits of a segment's number."""
        return max(1, (len(self.polynomial.c0) - 1).bit_length())

    @property
    def is_uniform(self) -> bool:
        """Whether all regions are cut into equally many segments, from the same base (there is only one region)."""
        return len(self.polynomial.shifts) == 1


@dataclass(frozen=True, slots=True)
class Constant:
    """`static constexpr int name = value` of a table."""

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class WideConstant:
    """A constant of more than 32 bits, as a function that returns an ap_int or ap_uint."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class List:
    """Constants by an index, as a function of it that returns an ap_int."""

    name: str
    bits: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Constants:
    """What a table's structure holds besides its formats."""

    numbers: tuple[Constant, ...]
    wide: tuple[WideConstant, ...] = ()
    lists: tuple[List, ...] = ()


@dataclass(frozen=True, slots=True)
class TableText:
    """One function from one format to another."""

    name: str
    core: str
    table: Table
    constants: Constants


def table_texts(tables: Iterable[Table]) -> tuple[list[CoreText], list[TableText]]:
    """The distinct cores and the tables on them, both in order of first use."""
    names = Namer()
    cores: dict[Polynomial, CoreText] = {}
    texts = []
    for table in dict.fromkeys(tables):
        if table.core not in cores:
            base = "sine" if isinstance(table, PhaseTable) else table.function
            name = names(f"{base} core {len(cores)}")
            cores[table.core] = CoreText(name, table.core)
        texts.append(TableText(table_name(table), cores[table.core].name, table, _constants(table)))
    return list(cores.values()), texts


def _constants(table: Table) -> Constants:
    if isinstance(table, PhaseTable):
        return _of_phase(table)
    if isinstance(table, WindowTable):
        return _of_window(table)
    if isinstance(table, ExponentialTable):
        return _of_exponential(table)
    return _of_normalised(table) if isinstance(table, NormalisedTable) else _of_folded(table)


def _numbers(**values: int) -> tuple[Constant, ...]:
    return tuple(Constant(name, value) for name, value in values.items())


def _signed(name: str, value: int, bits: int) -> WideConstant:
    return WideConstant(name, f"ap_int<{bits}>", f"{value}LL")


def _of_phase(table: PhaseTable) -> Constants:
    wide = tuple(
        WideConstant(name, f"ap_uint<{table.phase_bits}>", f"{value}ULL")
        for name, value in (("high", table.scale.high), ("low", table.scale.low))
    )
    return Constants(_numbers(split=table.scale.split, phase_bits=table.phase_bits, turn_bits=table.turn_bits), wide)


def _of_window(table: WindowTable) -> Constants:
    numbers = _numbers(half_window_bits=table.half_window_bits, drop=table.drop)
    if table.function != "softplus":
        return Constants(numbers)
    wide = WideConstant("linear_max", f"ap_int<{table.input.bits}>", str(table.linear_max))
    return Constants((*numbers, Constant("linear_shift", table.linear_shift)), (wide,))


def _of_exponential(table: ExponentialTable) -> Constants:
    scale = table.scale
    return Constants(
        _numbers(split=scale.split, scale_frac=table.scale_frac, core_frac=table.core.frac),
        (
            *(
                _signed(name, value, value.bit_length() + 1)
                for name, value in (("high", scale.high), ("low", scale.low))
            ),
            _signed("lowest", table.lowest, table.input.bits),
            _signed("highest", table.highest, table.input.bits),
        ),
    )


def _of_normalised(table: NormalisedTable) -> Constants:
    return Constants(
        _numbers(odd=table.odd, halves=table.halves),
        (_signed("at_zero", table.at_zero, table.output.bits + 2),),
        (
            List("shift", signed_bits(table.shifts), table.shifts),
            List("offset", signed_bits(table.offsets), table.offsets),
        ),
    )


def _of_folded(table: FoldedTable) -> Constants:
    bits = max(table.input.bits, table.highest.bit_length()) + 2
    return Constants(
        _numbers(
            symmetry=table.symmetry,
            falling=table.falling,
            linear_bits=table.linear_bits,
            distance_bits=table.distance_bits,
            parts_bits=table.parts_bits,
            magnitude_bits=bits,
        ),
        (
            _signed("lowest", table.lowest, bits),
            _signed("highest", table.highest, bits),
            _signed("base", table.base, bits),
        ),
    )
