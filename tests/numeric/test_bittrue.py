from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.bittrue import run, simulate
from inrarch.numeric.formats import Format, Formats, TensorFormat, dequantize, to_integers
from inrarch.numeric.samples import chunk_rows
from inrarch.numeric.tables import build_table
from tests.models import build_model

FORMATS = st.builds(Format, st.integers(8, 24), st.integers(-3, 20))


def formats_of(tensors, kinds=None):
    return Formats(
        "fixed",
        24,
        18,
        2,
        {name: TensorFormat((kinds or {}).get(name, "data"), fmt, 1.0) for name, fmt in tensors.items()},
    )


def one_node(operator, inputs, weights=None, **attributes):
    """A model of one node on [N, 3] inputs."""
    feeds = {name: ["N", 3] for name in inputs if name not in (weights or {})}
    node = helper.make_node(operator, inputs, ["y"], name="n", **attributes)
    return load_model(build_model([node], feeds, {"y": ["N", None]}, weights))


def rounded(value, fmt):
    """Round to nearest, ties up, and saturate: on exact rationals."""
    integer = (value * Fraction(2) ** fmt.frac + Fraction(1, 2)).__floor__()
    return min(max(integer, fmt.lowest), fmt.highest)


def exact(integers, fmt):
    return [Fraction(int(i)) / Fraction(2) ** fmt.frac for i in integers.ravel()]


def random_values(fmt, seed, rows=5):
    generator = np.random.default_rng(seed)
    return dequantize(generator.integers(fmt.lowest, fmt.highest + 1, (rows, 3)), fmt)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["Add", "Sub", "Mul"]), FORMATS, FORMATS, FORMATS, st.integers(0, 2**32 - 1))
def test_sums_and_products_are_exact_with_one_rounding(operator, a, b, result, seed):
    finest = a.frac + b.frac if operator == "Mul" else max(a.frac, b.frac)
    result = Format(result.bits, min(result.frac, finest))  # as `choose` does
    model = one_node(operator, ["a", "b"])
    feeds = {"a": random_values(a, seed), "b": random_values(b, seed + 1)}
    found = run(model, formats_of({"a": a, "b": b, "y": result}), feeds)["y"]
    apply = {"Add": Fraction.__add__, "Sub": Fraction.__sub__, "Mul": Fraction.__mul__}[operator]
    pairs = zip(exact(to_integers(feeds["a"], a), a), exact(to_integers(feeds["b"], b), b), strict=True)
    assert found.ravel().tolist() == [rounded(apply(x, y), result) for x, y in pairs]


@settings(max_examples=30, deadline=None)
@given(FORMATS, st.integers(4, 18), st.integers(0, 20), FORMATS, st.integers(0, 2**32 - 1), st.booleans())
def test_matmul_accumulates_exactly_with_its_bias_and_rounds_once(data, weight_bits, weight_frac, result, seed, biased):
    weight = Format(weight_bits, weight_frac)
    generator = np.random.default_rng(seed)
    matrix = dequantize(generator.integers(weight.lowest, weight.highest + 1, (3, 2)), weight)
    bias = np.float32(generator.uniform(-1, 1, 2)).astype(np.float64)
    constants = {"w": matrix, "b": bias} if biased else {"w": matrix}
    model = one_node("Gemm" if biased else "MatMul", ["x", *constants], constants)
    feeds = {"x": random_values(data, seed)}
    found = run(model, formats_of({"x": data, "w": weight, "y": result}), feeds)["y"]
    scale = Fraction(2) ** (data.frac + weight.frac)
    added = [Fraction((Fraction(float(b)) * scale + Fraction(1, 2)).__floor__()) / scale for b in bias]
    rows = [exact(row, data) for row in to_integers(feeds["x"], data)]
    columns = [exact(column, weight) for column in to_integers(matrix, weight).T]
    for row, values in zip(rows, found.tolist(), strict=True):
        for column, offset, value in zip(columns, added, values, strict=True):
            total = sum(x * w for x, w in zip(row, column, strict=True)) + (offset if biased else 0)
            assert value == rounded(total, result)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["Neg", "Relu", "Identity"]), FORMATS, FORMATS, st.integers(0, 2**32 - 1))
def test_sign_relu_and_copies_rescale_once(operator, source, result, seed):
    feeds = {"x": random_values(source, seed)}
    found = run(one_node(operator, ["x"]), formats_of({"x": source, "y": result}), feeds)["y"]
    apply = {"Neg": lambda v: -v, "Relu": lambda v: max(v, Fraction(0)), "Identity": lambda v: v}[operator]
    assert found.ravel().tolist() == [rounded(apply(x), result) for x in exact(to_integers(feeds["x"], source), source)]


def test_the_most_negative_value_is_negated_to_the_largest():
    fmt = Format(8, 0)
    result = simulate(one_node("Neg", ["x"]), formats_of({"x": fmt, "y": fmt}), {"x": np.full((1, 3), -128.0)})
    assert result.values["y"].tolist() == [[127] * 3]
    assert result.overflows == {}  # by one LSB: rounding


@pytest.mark.parametrize("operator", ["Sin", "Cos", "Tanh", "Sigmoid", "Exp", "Softplus"])
def test_functions_are_their_tables_saturated(operator):
    source, result = Format(16, 12), Format(16, 12)
    feeds = {"x": np.linspace(-7, 7, 300).reshape(100, 3)}
    found = run(one_node(operator, ["x"]), formats_of({"x": source, "y": result}), feeds)["y"]
    table = build_table(operator.lower(), source, result)
    expected = np.clip(table.evaluate(to_integers(feeds["x"], source)), result.lowest, result.highest)
    assert np.array_equal(found, expected)


def test_greater_compares_exactly_across_binary_points_and_where_rescales_the_branches():
    nodes = [
        helper.make_node("Greater", ["a", "b"], ["g"], name="g"),
        helper.make_node("Where", ["g", "a", "b"], ["y"], name="w"),
    ]
    model = load_model(build_model(nodes, {"a": ["N", 3], "b": ["N", 3]}, {"y": ["N", 3]}))
    formats = formats_of(
        {"a": Format(16, 8), "b": Format(16, 10), "g": Format(1, 0), "y": Format(16, 7)}, {"g": "bool"}
    )
    feeds = {"a": np.array([[1.0, 1.00390625, -2.0]]), "b": np.array([[1.0009765625, 1.0029296875, -2.0]])}
    found = run(model, formats, feeds, wanted=["g", "y"])
    assert found["g"].tolist() == [[0, 1, 0]]
    assert found["y"].tolist() == [[128, 129, -256]]  # 1.0039 * 128 = 128.5 rounds up


def test_constants_broadcast_over_rows():
    weights = {"c": np.array([[0.5, -1.0, 3.0]])}
    formats = formats_of({"x": Format(16, 4), "c": Format(4, 1), "y": Format(16, 5)})
    found = run(one_node("Mul", ["x", "c"], weights), formats, {"x": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])})["y"]
    assert found.tolist() == [[16, -64, 288], [64, -160, 576]]


def test_moves_rescale_operands_to_the_results_format():
    formats = formats_of({"a": Format(16, 8), "b": Format(16, 4), "y": Format(16, 4)})
    found = run(
        one_node("Concat", ["a", "b"], axis=1), formats, {"a": np.full((2, 3), 1.5), "b": np.full((2, 3), -2.0)}
    )
    assert found["y"].tolist() == [[24] * 3 + [-32] * 3] * 2


def test_slices_reshapes_transposes_and_expansions_move_integers():
    nodes = [
        helper.make_node("Slice", ["x", "one", "three", "one"], ["s"], name="s"),
        helper.make_node("Reshape", ["s", "shape"], ["r"], name="r"),
        helper.make_node("Transpose", ["r"], ["t"], name="t", perm=[0, 2, 1]),
        helper.make_node("Expand", ["t", "wide"], ["y"], name="e"),
    ]
    weights = {"one": np.array([1]), "three": np.array([3]), "shape": np.array([-1, 2, 1]), "wide": np.array([1, 3, 2])}
    model = load_model(build_model(nodes, {"x": ["N", 3]}, {"y": ["N", 3, 2]}, weights))
    formats = formats_of(dict.fromkeys(["x", "s", "r", "t", "y"], Format(16, 3)))
    found = run(model, formats, {"x": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])})["y"]
    assert found.tolist() == [[[16, 24]] * 3, [[40, 48]] * 3]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Abs", "Floor", "Round"]),
    st.builds(Format, st.integers(8, 24), st.integers(-3, 40)),
    st.integers(8, 24),
    st.integers(0, 6),
    st.integers(0, 2**32 - 1),
)
def test_magnitudes_and_whole_numbers_are_exact(operator, source, bits, coarser, seed):
    result = Format(bits, (source.frac if operator == "Abs" else min(source.frac, 0)) - coarser)
    feeds = random_values(source, seed)
    feeds[0] = np.round(feeds[0]) + np.array([-0.5, 0.5, 1.5])  # ties, where the format holds them
    apply = {"Abs": abs, "Floor": lambda v: Fraction(v.__floor__()), "Round": lambda v: Fraction(round(v))}[operator]
    found = run(one_node(operator, ["x"]), formats_of({"x": source, "y": result}), {"x": feeds})["y"]
    expected = [rounded(apply(v), result) for v in exact(to_integers(feeds, source), source)]
    assert found.ravel().tolist() == expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("And", [1, 0, 0, 0]),
        ("Or", [1, 1, 1, 0]),
        ("Xor", [0, 1, 1, 0]),
        ("Not", [0, 0, 1, 1]),
        ("Equal", [1, 0, 0, 1]),
    ],
)
def test_truth_values_and_equality(operator, expected):
    """All four pairs of truths a = x > 0 and b = z > 0; equality of the numbers themselves."""
    nodes = [
        helper.make_node("Greater", ["x", "zero"], ["a"], name="first"),
        helper.make_node("Greater", ["z", "zero"], ["b"], name="second"),
        helper.make_node(
            operator, {"Not": ["a"], "Equal": ["x", "z"]}.get(operator, ["a", "b"]), ["truth"], name="logic"
        ),
        helper.make_node("Where", ["truth", "one", "zero"], ["y"], name="choice"),
    ]
    constants = {"one": np.array(1.0), "zero": np.array(0.0)}
    model = load_model(build_model(nodes, {"x": ["N", 4], "z": ["N", 4]}, {"y": ["N", 4]}, constants))
    truths = dict.fromkeys(("a", "b", "truth"), "bool")
    formats = formats_of(
        {"x": Format(16, 8), "z": Format(16, 9), "zero": Format(1, 0), "one": Format(2, 0), "y": Format(8, 0)}
        | dict.fromkeys(truths, Format(1, 0)),
        truths | {"one": "constant", "zero": "constant"},
    )
    feeds = {"x": np.array([[1.0, 1.0, -1.0, -1.0]]), "z": np.array([[1.0, -1.0, 1.0, -1.0]])}
    assert run(model, formats, feeds)["y"].tolist() == [expected]


def test_a_constant_condition_chooses_by_feature():
    nodes = [helper.make_node("Where", ["mask", "x", "x2"], ["y"], name="choice")]
    model = load_model(
        build_model(nodes, {"x": ["N", 3], "x2": ["N", 3]}, {"y": ["N", 3]}, {"mask": np.array([True, False, True])})
    )
    formats = formats_of(
        {"x": Format(16, 8), "x2": Format(16, 8), "mask": Format(1, 0), "y": Format(16, 8)}, {"mask": "bool"}
    )
    found = run(model, formats, {"x": np.ones((1, 3)), "x2": np.zeros((1, 3))})["y"]
    assert found.tolist() == [[256, 0, 256]]


def test_arguments_outside_of_a_functions_domain_are_overflows():
    formats = formats_of({"x": Format(16, 8), "y": Format(16, 8)})
    feeds = {"x": np.array([[-1.0, -(2.0**-8), 4.0]])}
    result = simulate(one_node("Sqrt", ["x"]), formats, feeds)
    assert result.values["y"].tolist() == [[0, 0, 512]]
    assert result.overflows == {"y": 1}  # one LSB below 0 is rounding
    result = simulate(one_node("Reciprocal", ["x"]), formats, {"x": np.array([[0.0, 2.0**-8, -0.5]])})
    assert result.values["y"].tolist() == [[2**15 - 1, 2**15 - 1, -512]]
    assert result.overflows == {"y": 2}


def test_overflows_are_counted_by_value():
    formats = formats_of({"a": Format(16, 8), "b": Format(16, 8), "y": Format(8, 0)})
    feeds = {"a": np.array([[100.0, 64.0, -1.0]]), "b": np.array([[100.0, 64.0, 1.0]])}
    result = simulate(one_node("Add", ["a", "b"]), formats, feeds)
    assert result.values["y"].tolist() == [[127, 127, 0]]
    assert result.overflows == {"y": 1}  # 128 is clipped by one LSB only


def test_chunks_of_rows_give_what_single_rows_give():
    model = one_node("Sin", ["x"])
    formats = formats_of({"x": Format(16, 12), "y": Format(16, 15)})
    rows = chunk_rows(model) + 3
    feeds = np.random.default_rng(0).uniform(-7, 7, (rows, 3))
    found = run(model, formats, {"x": feeds})["y"]
    assert found.shape == (rows, 3)
    for row in (0, rows - 4, rows - 3, rows - 1):
        assert np.array_equal(run(model, formats, {"x": feeds[row : row + 1]})["y"], found[row : row + 1])


def test_constant_outputs_keep_their_shape():
    nodes = [helper.make_node("Neg", ["c"], ["y"], name="n"), helper.make_node("Sin", ["x"], ["z"], name="s")]
    model = load_model(
        build_model(nodes, {"x": ["N", 3]}, {"y": [1, 3], "z": ["N", 3]}, {"c": np.array([[1.0, 2.0, 3.0]])})
    )
    formats = formats_of({"x": Format(16, 12), "c": Format(16, 4), "y": Format(16, 4), "z": Format(16, 15)})
    assert run(model, formats, {"x": np.zeros((9000, 3))})["y"].tolist() == [[-16, -32, -48]]


def test_a_sum_too_wide_and_an_unknown_value_are_errors():
    formats = formats_of({"a": Format(24, 0), "b": Format(24, 40), "y": Format(24, 0)})
    feeds = {"a": np.zeros((1, 3)), "b": np.zeros((1, 3))}
    with pytest.raises(UserError, match=r"^tensor 'y': the exact result before rounding needs 65 bits"):
        run(one_node("Add", ["a", "b"]), formats, feeds)
    with pytest.raises(UserError) as error:
        run(one_node("Add", ["a", "b"]), formats, feeds, wanted=["yy"])
    assert str(error.value) == "there is no value 'yy' with a number format\nhint: did you mean 'y'?"


def test_an_unsupported_operator_is_named():
    with pytest.raises(UserError) as error:
        run(one_node("Pow", ["a", "b"]), formats_of({}), {})
    assert str(error.value) == (
        "node 'n': the exponent of this Pow is not one constant number; expected a constant number\n"
        "hint: the stage optimize writes other powers with Exp and Log"
    )
    with pytest.raises(
        UserError, match=r"^node 'n': operator 'Div' has no fixed-point arithmetic; expected one of Abs "
    ):
        run(one_node("Div", ["a", "b"]), formats_of({}), {})
