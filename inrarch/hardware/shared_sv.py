"""Operators that several nodes of a region share: operands chosen by the phase, then the operator, then the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inrarch.dataflow.target import Target
from inrarch.hardware.operators_sv import factors
from inrarch.hardware.region import Instruction
from inrarch.hardware.rtl.module import Image
from inrarch.hardware.rtl.text import CLOCKED, Parameters, concatenation, declared, instance, multiplier, widened
from inrarch.hardware.rtl.wrapper import literal
from inrarch.hardware.tables_sv import function_lines
from inrarch.numeric.formats import Format
from inrarch.numeric.reductions import PhaseTable


@dataclass(frozen=True, slots=True)
class Member:
    """A node that shares an operator. wires, formats: of its operands. phase: of the stages in which it takes them."""

    instruction: Instruction
    result: str
    wires: tuple[str, ...]
    formats: tuple[Format, ...]
    phase: int


def shared_function(
    name: str, members: Sequence[Member], interval: int, images: dict[str, Image], target: Target
) -> list[str]:
    """One table for all members; sine and cosine are told apart by a bit beside the argument."""
    table = members[0].instruction.table
    assert table is not None
    bits = table.input.bits
    words = [member.wires[0] for member in members]
    cosine = None
    if isinstance(table, PhaseTable):
        words = [f"{{1'b{int(_is_cosine(member))}, {word}}}" for member, word in zip(members, words, strict=True)]
        cosine, bits = f"{name}_in[{bits}]", bits + 1
    return [
        *_chosen(name, words, bits, members, interval),
        declared(f"{name}_out", table.output.bits),
        *function_lines(table, name, f"{name}_in[{table.input.bits - 1}:0]", f"{name}_out", images, target, cosine),
        *(f"    assign {member.result} = {name}_out;" for member in members),
    ]


def _is_cosine(member: Member) -> bool:
    table = member.instruction.table
    return table is not None and table.function == "cos"


def shared_product(name: str, members: Sequence[Member], interval: int, target: Target) -> list[str]:
    """One multiplier for all members, as wide as the widest of their longer and of their shorter factors.

    Factors are rounded in front of the choice, which takes two stages, products behind the multiplier; equal roundings
    once.
    """
    lines: list[str] = []
    factored: dict[tuple[str, Format, Format], str] = {}
    pairs: list[list[tuple[str, int]]] = []
    for number, member in enumerate(members):
        taken = factors(member.instruction, member.formats)
        pair = []
        for side, wire, before, after in zip("ab", member.wires, member.formats, taken, strict=True):
            rounded = wire if after == before else factored.get((wire, before, after), "")
            if not rounded:
                rounded = factored[wire, before, after] = f"{name}_{side}{number}"
                parameters = {"IN_BITS": before.bits, "SHIFT": before.frac - after.frac, "OUT_BITS": after.bits}
                lines.append(declared(rounded, after.bits))
                lines += instance("inrarch_round", f"u_{rounded}", parameters, {"in": wire, "out": rounded})
            pair.append((rounded, after.bits))
        pairs.append(sorted(pair, key=lambda factor: -factor[1]))
    long, short = (max(pair[side][1] for pair in pairs) for side in (0, 1))
    words = [concatenation([widened(*pair[1], short), widened(*pair[0], long)]) for pair in pairs]
    bits = long + short
    product = f"{name}_product"
    ports = CLOCKED | {"a": f"{name}_in[{bits - 1}:{short}]", "b": f"{name}_in[{short - 1}:0]", "out": product}
    lines += [
        *_chosen(name, words, bits, members, interval, stages=2),
        declared(product, bits),
        *instance("inrarch_product", f"u_{name}", {"A_BITS": long, "B_BITS": short} | multiplier(target), ports),
    ]
    roundings: dict[tuple[int, int], str] = {}
    for member in members:
        result = member.instruction.format
        assert result is not None
        shift = sum(each.frac for each in factors(member.instruction, member.formats)) - result.frac
        if (shift, result.bits) not in roundings:
            wire = roundings[shift, result.bits] = f"{name}_out{len(roundings)}"
            parameters = {"A_BITS": bits, "SHIFT": shift, "OUT_BITS": result.bits}
            lines.append(declared(wire, result.bits))
            lines += instance("inrarch_unary", f"u_{wire}", parameters, CLOCKED | {"a": product, "out": wire})
        lines.append(f"    assign {member.result} = {roundings[shift, result.bits]};")
    return lines


def _chosen(
    name: str, words: Sequence[str], bits: int, members: Sequence[Member], interval: int, stages: int = 1
) -> list[str]:
    """The operands of the node whose turn it is, on the wire <name>_in."""
    parameters: Parameters = {
        "BITS": bits,
        "WAYS": len(words),
        "INTERVAL": interval,
        "PHASES": literal(tuple(member.phase for member in members)),
        "STAGES": stages,
    }
    ports = CLOCKED | {"phase": "phase", "in": concatenation(words), "out": f"{name}_in"}
    return [declared(f"{name}_in", bits), *instance("inrarch_choose", f"choose_{name}", parameters, ports)]
