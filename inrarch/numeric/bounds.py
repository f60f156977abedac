"""What no input of the domain can exceed: intervals carried through the graph, float or fixed point.

The domain's box is cut into cells and each is carried by itself. In fixed point (`formats` given) weights are the
rounded ones, every rounding widens a bound, and saturation ends it: the bounds then hold for what the hardware
computes. A tensor is proven where its bound before saturation lies within its format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.attributes import attributes_of
from inrarch.graph.recorded_batch import recorded_batch
from inrarch.numeric import interval
from inrarch.numeric.arithmetic import bias_integers
from inrarch.numeric.batch_bounds import batch_sum_bound
from inrarch.numeric.batch_sums import summed_values
from inrarch.numeric.bound_rules import bound_of, has_rule
from inrarch.numeric.cells import Box, cell_bounds
from inrarch.numeric.formats import Factor, Format, Formats, dequantize, to_integers
from inrarch.numeric.interval import Bound
from inrarch.numeric.samples import Real
from inrarch.numeric.view import (
    INTEGERS,
    MATMULS,
    STRUCTURAL,
    SUMS,
    TRUTHS,
    bias_of,
    constant_array,
    is_arithmetic,
    is_batch_sum,
    name_of,
    operands,
)
from inrarch.ops import operators


@dataclass(frozen=True, slots=True)
class Bounds:
    """peaks: bound of |value| by tensor, before saturation. proven: tensors that cannot overflow."""

    peaks: Mapping[str, float]
    proven: frozenset[str]


def find_bounds(model: ir.Model, box: Box, formats: Formats | None = None) -> Bounds:
    """Bounds of inputs and computed values over the box (lower and upper bounds [coordinates]).

    formats: of the fixed-point network; without them, the network in exact arithmetic. Without them, UserError for an
    operator without a rule; with them its result may be anything that its format holds.
    """
    return _Pass(model, box, formats).run()


class _Pass:
    def __init__(self, model: ir.Model, box: Box, formats: Formats | None) -> None:
        self._model, self._formats = model, formats
        self._bounds: dict[str, Bound] = {}
        self._values: dict[str, npt.NDArray[Any]] = {}
        self._peaks: dict[str, float] = {}
        self._proven: set[str] = set()
        for name, value in model.graph.initializers.items():
            array = constant_array(value)
            if array is not None and value.dtype is not None and value.dtype not in INTEGERS:
                taken = self._taken(name, array)
                self._bounds[name] = interval.exact(taken, taken)
            elif value.const_value is not None:
                self._values[name] = value.const_value.numpy()
        self._summed = summed_values(model)
        self._cells = 1
        for name, bound in cell_bounds(model, box).items():
            self._keep(name, bound)
            self._cells = len(bound.low)

    def run(self) -> Bounds:
        with np.errstate(over="ignore", invalid="ignore"):  # a bound may be infinite: it proves nothing
            return self._run()

    def _run(self) -> Bounds:
        for node in self._model.graph:
            output = name_of(node.outputs[0])
            if not is_arithmetic(node):
                inputs = [None if value is None else self._numbers(name_of(value)) for value in node.inputs]
                self._values[output] = operators()[node.op_type].evaluate(inputs, attributes_of(node))[0]
            elif self._is_truth(node):
                self._proven.add(output)
                self._bounds[output] = self._truth(node)
            else:
                self._keep(output, self._result(node), self._table_error(node))
        return Bounds(self._peaks, frozenset(self._proven))

    def _result(self, node: ir.Node) -> Bound:
        """The bound of a node before its rounding."""
        rows = recorded_batch(self._model)
        if is_batch_sum(node) and rows is not None and name_of(node.inputs[0]) not in self._summed:
            return batch_sum_bound(node, rows, self._operands(node, [name_of(value) for value in operands(node)]))
        if is_batch_sum(node):
            return self._unknown(node)
        if node.op_type in MATMULS:
            return self._matmul(node)
        if node.op_type in (*STRUCTURAL, *SUMS):
            return self._structural(node)
        names = [name_of(value) for value in operands(node)]
        taken = self._operands(node, names)
        if node.op_type == "Mul" and names[0] == names[1] and self._factor(node) is None:
            return interval.square(taken[0])
        found = bound_of(node, taken)
        return self._unknown(node) if found is None else found

    def _truth(self, node: ir.Node) -> Bound:
        """0 or 1, in the shape of the result."""
        if node.op_type in STRUCTURAL:
            return self._structural(node)
        shape = np.broadcast_shapes(*(self._bounds[name_of(value)].low.shape for value in operands(node)))
        return interval.exact(np.zeros(shape), np.ones(shape))

    def _operands(self, node: ir.Node, names: list[str]) -> list[Bound]:
        """Bounds of the operands as the node takes them, a factor rounded where it is."""
        found = [self._bounds[name] for name in names]
        factor = self._factor(node)
        if factor is not None:
            found[factor.operand] = _rounded(found[factor.operand], factor.format, 0.5)
        return found

    def _factor(self, node: ir.Node) -> Factor | None:
        return None if self._formats is None else self._formats.factors.get(str(node.name))

    def _matmul(self, node: ir.Node) -> Bound:
        data, weight = (name_of(value) for value in operands(node))
        matrix = constant_array(operands(node)[1])
        bias_value = bias_of(node)
        bias = None if bias_value is None else constant_array(bias_value)
        assert matrix is not None
        if bias is None:
            added: Real = np.zeros(matrix.shape[1])
        elif self._formats is None:
            added = bias
        else:
            frac = self._formats.of(data).frac + self._formats.of(weight).frac
            added = np.ldexp(bias_integers(bias, frac, name_of(bias_value)).astype(np.float64), -frac)
        return interval.matmul(self._bounds[data], self._taken(weight, matrix), added)

    def _structural(self, node: ir.Node) -> Bound:
        """Operators that move numbers, or add them up, do so with both ends."""
        moved = [name_of(value) for value in operands(node)]
        ends = []
        for end in ("low", "high"):
            inputs = [
                None
                if value is None
                else getattr(self._bounds[name_of(value)], end)
                if name_of(value) in moved
                else self._numbers(name_of(value))
                for value in node.inputs
            ]
            ends.append(operators()[node.op_type].evaluate(inputs, attributes_of(node))[0])
        norm = self._bounds[moved[0]].norm if node.op_type == "Identity" else None
        return interval.bounded(ends[0], ends[1], norm)

    def _unknown(self, node: ir.Node) -> Bound:
        if self._formats is None:
            raise UserError(
                f"operator {node.op_type!r} has no rule for bounds"
                + (" where its operand may leave its domain" if has_rule(node.op_type) else ""),
                place=f"node {node.name!r}",
                hint="set numeric.ranges: calibration",
            )
        limit = 2.0 * _reach(self._formats.of(name_of(node.outputs[0])))
        sizes = node.outputs[0].shape or ()
        shape = [size if isinstance(size, int) else self._cells for size in sizes]
        return interval.bounded(np.full(shape, -limit), np.full(shape, limit))

    def _keep(self, name: str, bound: Bound, table_error: float | None = None) -> None:
        """Note the bound of a value, and what rounding and saturation make of it."""
        self._peaks[name] = bound.peak
        if self._formats is None:
            self._bounds[name] = bound
            return
        fmt = self._formats.of(name)
        if bound.peak <= _reach(fmt):
            self._proven.add(name)
        self._bounds[name] = _rounded(bound, fmt, 0.5 if table_error is None else table_error)

    def _table_error(self, node: ir.Node) -> float | None:
        table = None if self._formats is None else self._formats.tables.get(str(node.name))
        return None if table is None else float(table["worst_error_lsb"])

    def _taken(self, name: str, array: Real) -> Real:
        """A constant as the network has it: rounded where there are formats."""
        if self._formats is None or name not in self._formats.tensors:
            return array
        fmt = self._formats.of(name)
        return array if self._formats.tensors[name].kind == "bool" else dequantize(to_integers(array, fmt), fmt)

    def _numbers(self, name: str) -> npt.NDArray[Any]:
        return self._values[name] if name in self._values else self._bounds[name].low

    def _is_truth(self, node: ir.Node) -> bool:
        if node.op_type in TRUTHS:
            return True
        return node.op_type in STRUCTURAL and node.outputs[0].dtype == ir.DataType.BOOL


def _rounded(bound: Bound, fmt: Format, error_lsb: float) -> Bound:
    """What rounding to a format, by at most `error_lsb`, and saturation make of a value."""
    lsb = 2.0**-fmt.frac
    return interval.clipped(interval.widened(bound, lsb * error_lsb), fmt.lowest * lsb, fmt.highest * lsb)


def _reach(fmt: Format) -> float:
    """The largest magnitude that is no overflow."""
    return 2.0 ** (fmt.bits - 1 - fmt.frac)
