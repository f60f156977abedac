"""One lane of a region as SystemVerilog: its nodes' operators, and the words between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from inrarch.dataflow.kernels.pointwise_sharing import SELECT
from inrarch.dataflow.operator_latency import operator_latency
from inrarch.dataflow.target import Target
from inrarch.errors import UserError
from inrarch.hardware.operators_sv import logic_of, operator_module
from inrarch.hardware.region import Constant, Instruction, Region
from inrarch.hardware.region_timing import Pipeline, Value
from inrarch.hardware.rtl.module import Image
from inrarch.hardware.rtl.text import CLOCKED, declared, hexadecimal, instance, widened
from inrarch.hardware.shared_sv import Member, shared_function, shared_product
from inrarch.hardware.tables_sv import function_lines
from inrarch.numeric.formats import Format


@dataclass(frozen=True, slots=True)
class FeatureConstant:
    """A constant that differs between features. start: when its first reader takes it."""

    wire: str
    constant: Constant
    bits: int
    start: int


@dataclass
class LaneText:
    """The lines of a lane's module. out: expressions of the output's fields. images: the memories of its functions."""

    constants: list[FeatureConstant] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    images: dict[str, Image] = field(default_factory=dict)


def lane_text(
    region: Region, field_bits: Sequence[int], out_bits: int, target: Target, *, fixed_features: bool
) -> LaneText:
    """The pipeline of one feature.

    field_bits: of a field of each input stream; out_bits: of the output's. fixed_features: whether a lane always has
    the same feature. UserError where a node starts before its operands are there.
    """
    return _Lane(region, target, fixed_features=fixed_features).text(field_bits, out_bits)


class _Lane:
    def __init__(self, region: Region, target: Target, *, fixed_features: bool) -> None:
        given = region.unit.parameters
        self.region, self.target = region, target
        self.starts: Sequence[int] = given["starts"]
        self.instances: Sequence[int | None] = given["instances"]
        self.interval, self.latency = int(given["interval"]), int(given["latency"])
        self.pipeline = Pipeline(self.interval)
        self.result = LaneText()
        self.values: dict[str, Value] = {}
        self.formats: dict[str, Format] = {}
        self.fixed_features = fixed_features

    def text(self, field_bits: Sequence[int], out_bits: int) -> LaneText:
        lines = self.result.lines
        for number, each in enumerate(self.region.fields):
            self._define(each.tensor, each.format, Value(f"x{number}", each.format.bits, 0, self.interval))
            lines.append(declared(f"x{number}", each.format.bits))
            place = f"in{each.stream}[{each.field * field_bits[each.stream]} +: {each.format.bits}]"
            ports = {"clk": "clk", "enable": self.pipeline.enable(0), "in": place, "out": f"x{number}"}
            lines += instance("inrarch_delay", f"read_x{number}", {"BITS": each.format.bits}, ports)
        self._constants()
        members: dict[int, list[Member]] = {}
        for index, instruction in enumerate(self.region.instructions):
            self._node(index, instruction, members)
        for number, sharing in members.items():
            self._shared(f"s{number}", sharing)
        for tensor in self.region.outputs:
            value = self.values[tensor]
            self.result.out.append(widened(self.pipeline.at(value, self.latency - 1), value.bits, out_bits))
        lines += self.pipeline.lines()
        return self.result

    def _define(self, tensor: str, fmt: Format, value: Value) -> None:
        self.values[tensor], self.formats[tensor] = value, fmt

    def _constants(self) -> None:
        """Equal ones as literals; the others arrive when they are first needed, those of a fixed feature always."""
        first: dict[str, int] = {}
        for start, instruction in zip(self.starts, self.region.instructions, strict=True):
            for operand in instruction.operands:
                first[operand] = min(start, first.get(operand, start))
        for number, constant in enumerate(self.region.constants):
            bits = 1 if constant.truth else constant.format.bits
            if len(set(constant.integers)) == 1:
                value = Value(hexadecimal(constant.integers[0], bits), bits)
            else:
                start = first[constant.tensor]
                value = Value(f"c{number}", bits, None if self.fixed_features else start, self.interval)
                self.result.constants.append(FeatureConstant(value.wire, constant, bits, start))
            self._define(constant.tensor, constant.format, value)

    def _node(self, index: int, instruction: Instruction, members: dict[int, list[Member]]) -> None:
        start, number = self.starts[index], self.instances[index]
        taken = [self.values[operand] for operand in instruction.operands]
        for operand, value in zip(instruction.operands, taken, strict=True):
            if value.made is not None and value.made > start:
                raise UserError(
                    f"node {self.region.unit.parameters['nodes'][index]!r} starts in stage {start}",
                    place=f"unit {self.region.unit.name!r}",
                    expected=f"stage {value.made} or later, when its operand {operand!r} is there",
                )
        latency = operator_latency(instruction.operator, instruction.table) + (0 if number is None else SELECT)
        bits = 1 if instruction.format is None else instruction.format.bits
        result = Value(f"n{index}_{instruction.operator.lower()}", bits, start + latency)
        wires = [self.pipeline.at(value, start) for value in taken]
        formats = [self.formats[operand] for operand in instruction.operands]
        self._define(instruction.result, instruction.format or Format(1, 0), result)
        self.result.lines.append(declared(result.wire, bits))
        if number is not None:
            phase = (start + 1) % self.interval
            member = Member(instruction, result.wire, tuple(wires), tuple(formats), phase)
            members.setdefault(number, []).append(member)
        elif instruction.table is not None:
            self.result.lines += function_lines(
                instruction.table, f"n{index}", wires[0], result.wire, self.result.images, self.target
            )
        elif (logic := logic_of(instruction)) is not None:
            ports = CLOCKED | {"in": logic.format(*wires), "out": result.wire}
            self.result.lines += instance("inrarch_delay", f"u_n{index}", {}, ports)
        else:
            module = operator_module(instruction, formats, self.target)
            ports = CLOCKED | dict(zip(module.ports, wires, strict=True)) | {"out": result.wire}
            self.result.lines += instance(module.module, f"u_n{index}", module.parameters, ports)

    def _shared(self, name: str, members: Sequence[Member]) -> None:
        if members[0].instruction.table is None:
            self.result.lines += shared_product(name, members, self.interval, self.target)
        else:
            self.result.lines += shared_function(name, members, self.interval, self.result.images, self.target)


def feature_words(constant: Constant, bits: int, lanes: int) -> Image:
    """The memory of a constant: a word per token, lane 0 in the lowest bits."""
    mask = (1 << bits) - 1
    integers = constant.integers
    words = tuple(
        sum((integers[token + lane] & mask) << lane * bits for lane in range(lanes))
        for token in range(0, len(integers), lanes)
    )
    return Image(lanes * bits, words)
