"""Function tables as C++ constants: one core (polynomial memories) may serve several functions and formats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inrarch.hardware.names import Namer
from inrarch.numeric.polynomial import Polynomial
from inrarch.numeric.reductions import ExponentialTable, PhaseTable, Table, WindowTable
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
class TableText:
    """One function from one format to another."""

    name: str
    core: str
    table: Table
    constants: tuple[Constant, ...]
    wide: tuple[WideConstant, ...]


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
        constants, wide = _constants(table)
        texts.append(TableText(table_name(table), cores[table.core].name, table, constants, wide))
    return list(cores.values()), texts


def _constants(table: Table) -> tuple[tuple[Constant, ...], tuple[WideConstant, ...]]:
    bits = table.input.bits
    if isinstance(table, PhaseTable):
        wide = tuple(
            WideConstant(name, f"ap_uint<{table.phase_bits}>", f"{value}ULL")
            for name, value in (("high", table.scale.high), ("low", table.scale.low))
        )
        numbers = {"split": table.scale.split, "phase_bits": table.phase_bits, "turn_bits": table.turn_bits}
    elif isinstance(table, WindowTable):
        wide = (WideConstant("linear_max", f"ap_int<{bits}>", str(table.linear_max)),)
        numbers = {"half_window_bits": table.half_window_bits, "drop": table.drop, "linear_shift": table.linear_shift}
        if table.function != "softplus":
            wide = ()
            del numbers["linear_shift"]
    else:
        wide = _exponential_constants(table)
        numbers = {"split": table.scale.split, "scale_frac": table.scale_frac, "core_frac": table.core.frac}
    return tuple(Constant(name, value) for name, value in numbers.items()), wide


def _exponential_constants(table: ExponentialTable) -> tuple[WideConstant, ...]:
    bits = table.input.bits
    return (
        *(
            WideConstant(name, f"ap_int<{max(1, value.bit_length() + 1)}>", f"{value}LL")
            for name, value in (("high", table.scale.high), ("low", table.scale.low))
        ),
        WideConstant("lowest", f"ap_int<{bits}>", f"{table.lowest}LL"),
        WideConstant("highest", f"ap_int<{bits}>", f"{table.highest}LL"),
    )
