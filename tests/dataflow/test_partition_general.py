"""Which units come of chains that move numbers, of repetition, and of sums."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.kernels.pointwise import Region
from inrarch.dataflow.kernels.reduce import Reduce
from inrarch.dataflow.kernels.reorder import Reorder
from inrarch.dataflow.kernels.sink import Sink
from inrarch.dataflow.kernels.source import Source
from inrarch.dataflow.partition import partition
from inrarch.dataflow.units import Units
from inrarch.graph.load import load_model
from inrarch.numeric.formats import Format, Formats, TensorFormat
from tests.dataflow.networks import node
from tests.models import build_model


def units_of(
    nodes: list[onnx.NodeProto], output: list[int], formats: Formats | None = None, **constants: np.ndarray
) -> Units:
    model = build_model(nodes, {"x": ["N", 4]}, {"y": ["N", *output]}, constants)
    return partition(load_model(model), formats)


def kinds(units: Units) -> list[type]:
    return [type(unit) for unit in units.units]


def reorders(units: Units) -> list[Reorder]:
    return [unit for unit in units.units if isinstance(unit, Reorder)]


def test_a_chain_of_nodes_that_move_numbers_is_one_unit() -> None:
    units = units_of(
        [
            node("Sin", ["x"], "s"),
            node("Reshape", ["s", "square"], "r"),
            node("Transpose", ["r"], "t", perm=[0, 2, 1]),
            node("Concat", ["t", "t"], "joined", axis=2),
            node("Flatten", ["joined"], "y", axis=1),
        ],
        [8],
        square=np.array([0, 2, 2]),
    )
    assert kinds(units) == [Source, Region, Reorder, Sink]
    (unit,) = reorders(units)
    assert (unit.repeat, unit.features, unit.fields) == (1, 8, ("y",))
    assert unit.maps[0].sources == ("s",)
    assert unit.maps[0].element == (0, 2, 0, 2, 1, 3, 1, 3)


def test_reshapes_that_keep_rows_and_features_are_in_a_region() -> None:
    units = units_of(
        [node("Unsqueeze", ["x", "one"], "u"), node("Sin", ["u"], "s"), node("Squeeze", ["s", "one"], "y")],
        [4],
        one=np.array([1]),
    )
    assert kinds(units) == [Source, Region, Sink]


def test_zeros_and_constants_are_parts_of_a_map() -> None:
    units = units_of([node("Pad", ["x", "pads"], "y")], [7], pads=np.array([0, 1, 0, 2]))
    (unit,) = reorders(units)
    assert unit.maps[0].source == (-1, 0, 0, 0, 0, -1, -1)


def test_a_number_per_row_is_repeated_over_the_features() -> None:
    units = units_of([node("MatMul", ["x", "w"], "a"), node("Mul", ["a", "x"], "y")], [4], w=np.ones((4, 1)))
    (unit,) = reorders(units)
    assert (unit.name, unit.fields, unit.features) == ("arrange_a", ("a",), 4)
    assert unit.maps[0].element == (0, 0, 0, 0)
    (region,) = [unit for unit in units.units if isinstance(unit, Region)]
    assert {read.unit for read in region.inputs} == {"arrange_a", "source_x"}


def test_a_constant_that_differs_between_the_rows_of_a_repeat_is_a_stream_without_inputs() -> None:
    units = units_of(
        [node("Reshape", ["x", "square"], "r"), node("Mul", ["r", "c"], "y")],
        [2, 2],
        square=np.array([0, 2, 2]),
        c=np.array([[1.0], [2.0]]),
    )
    reshaped, constant = sorted(reorders(units), key=lambda unit: -len(unit.inputs))
    assert reshaped.maps[0].element == (0, 1, 2, 3)
    assert (constant.inputs, constant.maps[0].element) == ((), (0, 0, 1, 1))


def test_a_sum_over_features_reads_rows_as_they_come() -> None:
    units = units_of(
        [node("Sin", ["x"], "s"), node("ReduceSum", ["s", "last"], "y", keepdims=1)], [1], last=np.array([-1])
    )
    assert kinds(units) == [Source, Region, Reduce, Sink]
    (unit,) = [unit for unit in units.units if isinstance(unit, Reduce)]
    assert (unit.terms, unit.features, unit.repeat) == (4, 1, 1)


def test_a_sum_over_an_inner_axis_is_arranged_first() -> None:
    units = units_of(
        [
            node("Sin", ["x"], "s"),
            node("Reshape", ["s", "square"], "r"),
            node("ReduceSum", ["r", "inner"], "y", keepdims=0),
        ],
        [2],
        square=np.array([0, 2, 2]),
        inner=np.array([1]),
    )
    assert kinds(units) == [Source, Region, Reorder, Reduce, Sink]
    (unit,) = reorders(units)
    assert unit.maps[0].sources == ("s",)
    assert unit.maps[0].element == (0, 2, 1, 3)


def test_a_region_does_not_reach_across_another_unit() -> None:
    units = units_of(
        [
            node("Sin", ["x"], "s"),
            node("ReduceSum", ["s", "last"], "total", keepdims=1),
            node("Mul", ["s", "total"], "m"),
            node("Add", ["m", "x"], "y"),
        ],
        [4],
        last=np.array([-1]),
    )
    names = [unit.name for unit in units.units]
    for unit in units.units:
        for read in unit.reads:
            assert names.index(read.unit) < names.index(unit.name)
    regions = [unit.nodes for unit in units.units if isinstance(unit, Region)]
    assert regions == [("n_s",), ("n_m", "n_y")]


def test_streams_are_read_in_the_order_of_the_inputs() -> None:
    units = units_of(
        [node("MatMul", ["x", "w"], "a"), node("Concat", ["a", "x"], "c", axis=1), node("Sin", ["c"], "y")],
        [6],
        w=np.ones((4, 2)),
    )
    (unit,) = reorders(units)
    writers = [link.writer for link in units.incoming(unit.name)]
    assert [read.unit for read in unit.inputs] == ["n_a", "source_x"]
    assert writers == ["n_a", "fork_source_x"]
    assert [shape.features for shape in unit.given] == [2, 4]


def test_all_coefficients_of_a_join_are_fields_of_one_unit() -> None:
    units = units_of(
        [
            node("MatMul", ["x", "w"], "a"),
            node("Sin", ["a"], "s"),
            node("Cos", ["a"], "c"),
            node("Concat", ["s", "x"], "u", axis=1),
            node("Concat", ["c", "x"], "v", axis=1),
            node("MatMul", ["u", "k"], "p"),
            node("MatMul", ["v", "k"], "q"),
            node("Add", ["p", "q"], "y"),
        ],
        [3],
        w=np.ones((4, 2)),
        k=np.ones((6, 3)),
    )
    (unit,) = reorders(units)
    assert unit.fields == ("u", "v")
    assert [each.coefficients for each in units.units if isinstance(each, Matmul)] == [1, 2]


@pytest.mark.parametrize(("inner", "units_expected"), [(16, 1), (14, 2)])
def test_a_chain_that_rounds_twice_is_two_units(inner: int, units_expected: int) -> None:
    fracs = {"x": 16, "s": 18, "j": inner, "k": 14 if inner == 14 else 16, "y": 16 if inner == 16 else 12}
    tensors = {name: TensorFormat("data", Format(24, frac), 1.0) for name, frac in fracs.items()}
    units = units_of(
        [
            node("Sin", ["x"], "s"),
            node("Concat", ["s", "s"], "j", axis=1),
            node("Concat", ["j", "x"], "y", axis=1),
        ],
        [12],
        Formats("fixed", 24, 18, 2, tensors),
    )
    assert len(reorders(units)) == units_expected


def test_maps_of_different_sources_are_one_unit_where_equal_weights_follow() -> None:
    units = units_of(
        [
            node("MatMul", ["x", "w"], "a"),
            node("MatMul", ["x", "v"], "b"),
            node("Gather", ["a", "turned"], "c", axis=1),
            node("Gather", ["b", "turned"], "d", axis=1),
            node("MatMul", ["c", "k"], "p"),
            node("MatMul", ["d", "k"], "q"),
            node("Add", ["p", "q"], "y"),
        ],
        [3],
        w=np.ones((4, 2)),
        v=np.eye(4)[:, :2],
        turned=np.array([1, 0]),
        k=np.ones((2, 3)),
    )
    (unit,) = reorders(units)
    assert unit.fields == ("c", "d")
    assert [each.coefficients for each in units.units if isinstance(each, Matmul)] == [1, 1, 2]
