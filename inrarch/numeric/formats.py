"""Number formats: signed fixed point with one binary point per tensor, and the file `formats.json` that holds them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inrarch.errors import UserError, did_you_mean
from inrarch.json_file import check_schema, read_json

MAX_DATA_BITS = 32
MAX_WEIGHT_BITS = 27
MAX_ACCUMULATOR_BITS = 62
"""Widest sum that a unit may need. Two bits of an int64 stay free for the rounding constant."""


@dataclass(frozen=True, slots=True)
class Format:
    """Signed fixed point: ``value = integer * 2**-frac`` with ``-2**(bits-1) <= integer < 2**(bits-1)``.

    `frac` may be negative or larger than `bits`.
    """

    bits: int
    frac: int

    @property
    def lowest(self) -> int:
        """The smallest integer."""
        return -(1 << (self.bits - 1))

    @property
    def highest(self) -> int:
        """The largest integer."""
        return (1 << (self.bits - 1)) - 1


@dataclass(frozen=True, slots=True)
class TensorFormat:
    """Format of one value or initializer.

    kind: `data` (a stream), `constant` (scalar or per-feature operand of a pointwise node), `weight` (right operand of
    a matmul), `bool` (1 bit, inside a pointwise region only). max_abs: largest magnitude seen in calibration, or its
    bound. proven: no input of the domain makes it overflow (`inrarch.numeric.bounds`).
    A matmul's bias has no format of its own: it is an integer at the accumulator's binary point.
    """

    kind: str
    format: Format
    max_abs: float
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Factor:
    """Operand number `operand` of a product, rounded to this narrower format in front of the multiplier."""

    operand: int
    format: Format


@dataclass(frozen=True, slots=True)
class OutputError:
    """Error of one output against float64 over all rows.

    max_abs: max|err|. max_rel: max|err| / max|ref|. rel_l2: ||err||2 / ||ref||2. Where the whole reference is 0, the
    latter two are 0 without and 1 with any error.
    """

    max_abs: float
    max_rel: float
    rel_l2: float


@dataclass(frozen=True, slots=True)
class Formats:
    """All number formats of a network: the content of `formats.json`.

    tensors: by value name. tables: description of every function table, by node name. accumulators: bits by matmul node
    name. errors: per output, over `samples` rows that calibration did not see. overflows: values clipped by more than
    one LSB there. kinks: rows of them at a kink (`inrarch.numeric.kinks`), which errors of derivatives leave out.
    weight_bits: of the widest matrix. factors: by name of the product's node. ranges: from `calibration` or `bounds`.
    """

    policy: str
    data_bits: int
    weight_bits: int
    guard_bits: int
    tensors: Mapping[str, TensorFormat]
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    accumulators: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, OutputError] = field(default_factory=dict)
    overflows: int = 0
    samples: int = 0
    kinks: int = 0
    factors: Mapping[str, Factor] = field(default_factory=dict)
    ranges: str = "calibration"

    def operands_of(self, node: str, values: Sequence[str]) -> list[Format]:
        """Formats in which a node takes its operands `values`, a rounded factor's included."""
        formats = [self.of(value) for value in values]
        if node in self.factors:
            formats[self.factors[node].operand] = self.factors[node].format
        return formats

    def of(self, name: str) -> Format:
        """Format of a tensor; UserError with the nearest name when there is none."""
        if name not in self.tensors:
            raise UserError(
                f"no number format for tensor {name!r}",
                place="formats.json",
                hint=did_you_mean(name, self.tensors),
            )
        return self.tensors[name].format


def integer_bits(max_abs: float) -> int:
    """Smallest e with ``max_abs <= 2**e``: bits left of the binary point without the sign.

    +2**e itself is one LSB above the largest integer of such a format; it is clipped by one LSB, which is what a format
    with one bit less rounds by. Zero needs no bits: 0 (the format then covers [-1, 1)).
    """
    if max_abs == 0:
        return 0
    mantissa, exponent = math.frexp(max_abs)
    return exponent - 1 if mantissa == 0.5 else exponent


def format_for(max_abs: float, bits: int, guard_bits: int = 0) -> Format:
    """Format of `bits` bits whose range covers ``max_abs * 2**guard_bits``."""
    return Format(bits, bits - 1 - integer_bits(max_abs) - guard_bits)


def constant_format(values: npt.NDArray[np.float64], bits: int) -> Format:
    """Format of a constant: the fewest bits that hold it exactly, or `bits` bits at full range where none do.

    A power of two needs 2 bits (a sign and a one: a shift), 0 needs 1.
    """
    nonzero = np.abs(values[values != 0])
    if nonzero.size == 0:
        return Format(1, 0)
    mantissa, exponent = np.frexp(nonzero)
    odd = np.ldexp(mantissa, 53).astype(np.int64)
    lowest_bit = np.log2((odd & -odd).astype(np.float64)).astype(np.int64) + exponent - 53
    frac = -int(lowest_bit.min())
    largest = float(nonzero.max())
    needed = 2 + frac + math.frexp(largest)[1] - 1
    return Format(needed, frac) if needed <= bits else format_for(largest, bits)


def round_to_integers(values: npt.ArrayLike, frac: int) -> npt.NDArray[np.int64]:
    """``floor(value * 2**frac + 1/2)`` without any intermediate rounding. |result| < 2**63."""
    scaled = np.ldexp(np.asarray(values, dtype=np.float64), frac)
    below = np.floor(scaled)
    return np.asarray(below.astype(np.int64) + (scaled - below >= 0.5))


def to_integers(values: npt.ArrayLike, fmt: Format) -> npt.NDArray[np.int64]:
    """Quantise: round to nearest (ties to +infinity) and saturate to the format. No NaN."""
    limit = math.ldexp(1.0, fmt.bits)
    scaled = np.ldexp(np.asarray(values, dtype=np.float64), fmt.frac)
    return np.clip(round_to_integers(np.clip(scaled, -limit, limit), 0), fmt.lowest, fmt.highest)


def dequantize(integers: npt.NDArray[np.int64], fmt: Format) -> npt.NDArray[np.float64]:
    """``integer * 2**-frac`` in float64; exact below 2**53."""
    return np.asarray(np.ldexp(integers.astype(np.float64), -fmt.frac))


def check_widths(data_bits: int, weight_bits: int, guard_bits: int) -> None:
    """UserError when a width is outside what the kernels compute."""
    for key, found, low, high in (
        ("data_bits", data_bits, 8, MAX_DATA_BITS),
        ("weight_bits", weight_bits, 4, MAX_WEIGHT_BITS),
        ("guard_bits", guard_bits, 0, 8),
    ):
        if not low <= found <= high:
            raise UserError(f"{key} is {found}", place=f"numeric.{key}", expected=f"{low} to {high}")


def to_json(formats: Formats) -> dict[str, Any]:
    """The content of `formats.json` as plain data."""
    return {
        "policy": formats.policy,
        "data_bits": formats.data_bits,
        "weight_bits": formats.weight_bits,
        "guard_bits": formats.guard_bits,
        "ranges": formats.ranges,
        "tensors": {
            name: {
                "kind": t.kind,
                "bits": t.format.bits,
                "frac": t.format.frac,
                "max_abs": t.max_abs,
                "proven": t.proven,
            }
            for name, t in formats.tensors.items()
        },
        "factors": {
            node: {"operand": factor.operand, "bits": factor.format.bits, "frac": factor.format.frac}
            for node, factor in formats.factors.items()
        },
        "tables": {name: dict(table) for name, table in formats.tables.items()},
        "accumulators": dict(formats.accumulators),
        "errors": {
            name: {"max_abs": e.max_abs, "max_rel": e.max_rel, "rel_l2": e.rel_l2} for name, e in formats.errors.items()
        },
        "overflows": formats.overflows,
        "samples": formats.samples,
        "kinks": formats.kinks,
    }


def from_json(content: Mapping[str, Any]) -> Formats:
    """The inverse of `to_json`; the content must satisfy the schema."""
    return Formats(
        policy=content["policy"],
        data_bits=content["data_bits"],
        weight_bits=content["weight_bits"],
        guard_bits=content["guard_bits"],
        tensors={
            name: TensorFormat(t["kind"], Format(t["bits"], t["frac"]), float(t["max_abs"]), t["proven"])
            for name, t in content["tensors"].items()
        },
        tables=content["tables"],
        accumulators=content["accumulators"],
        errors={name: OutputError(e["max_abs"], e["max_rel"], e["rel_l2"]) for name, e in content["errors"].items()},
        overflows=content["overflows"],
        samples=content["samples"],
        kinks=content["kinks"],
        factors={node: Factor(f["operand"], Format(f["bits"], f["frac"])) for node, f in content["factors"].items()},
        ranges=content["ranges"],
    )


def save_formats(formats: Formats, path: Path) -> None:
    """Write `formats.json`: two-space indent, tensors in graph order, the same bytes for the same formats."""
    path.write_text(json.dumps(to_json(formats), indent=2, allow_nan=False) + "\n", encoding="utf-8")


def load_formats(path: Path) -> Formats:
    """Read and check `formats.json`. UserError with the place in the file when it is not one."""
    content = read_json(path, "the formats.json of the quantize stage")
    check_schema(content, "formats", str(path))
    return from_json(content)
