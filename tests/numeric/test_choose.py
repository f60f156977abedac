import numpy as np
import onnx_ir as ir
import pytest
from onnx import helper

from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import Format
from inrarch.numeric.view import SUPPORTED
from tests.models import build_model

WIDTHS = Widths(data_bits=24, weight_bits=18, guard_bits=2)


def chosen(nodes, largest, weights=None, outputs=None, inputs=None, widths=WIDTHS):
    model = build_model(nodes, inputs or {"x": ["N", 4]}, outputs or {"y": ["N", None]}, weights)
    return choose_formats(load_model(model), largest, widths)


def node(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs, outputs, name=f"node_{outputs[0]}", **attributes)


def test_inputs_have_no_guard_bits_and_results_have():
    formats = chosen([node("Add", ["x", "x"], ["y"])], {"x": 1.0, "y": 2.0})
    assert formats.of("x") == Format(24, 23)
    assert formats.of("y") == Format(24, 20)


def test_weights_take_their_exact_range_and_biases_no_format():
    weights = {"w": np.full((4, 3), 0.3), "b": np.full(3, 100.0)}
    formats = chosen([node("Gemm", ["x", "w", "b"], ["y"])], {"x": 1.0, "y": 101.0}, weights)
    assert formats.tensors["w"].kind == "weight"
    assert formats.of("w") == Format(18, 18)
    assert "b" not in formats.tensors
    integer_bias = 100 * 2 ** (23 + 18)
    column = 4 * 78643 * 2**23
    assert formats.accumulators == {"node_y": (integer_bias + column).bit_length() + 1}


def test_a_result_has_no_more_fraction_bits_than_its_exact_value():
    formats = chosen([node("Mul", ["x", "c"], ["y"])], {"x": 1.0, "y": 0.001}, {"c": np.array(0.5)})
    assert formats.of("c") == Format(2, 1)
    assert formats.of("y") == Format(24, 24)


def test_known_ranges_spend_no_guard_bits_and_powers_have_a_table_each():
    weights = {"n": np.array(-1.5)}
    nodes = [node("Atan", ["x"], ["a"]), node("Pow", ["x", "n"], ["p"]), node("Abs", ["p"], ["y"])]
    formats = chosen(nodes, {"x": 8.0, "a": 1.4, "p": 3.0, "y": 3.0}, weights)
    assert formats.of("a") == Format(24, 22)  # pi/2
    assert formats.of("p") == formats.of("y") == Format(24, 19)
    assert {table["function"] for table in formats.tables.values()} == {"atan", "pow(-1.5)"}
    assert "n" not in formats.tensors


@pytest.mark.parametrize("operator", ["Sin", "Cos", "Tanh", "Sigmoid", "Erf"])
def test_functions_into_the_unit_range_spend_no_guard_bits(operator):
    formats = chosen([node(operator, ["x"], ["y"])], {"x": 8.0, "y": 1.0})
    assert formats.of("y") == Format(24, 23)
    assert formats.tables["node_y"]["function"] == operator.lower()
    small = chosen([node(operator, ["x"], ["y"])], {"x": 2.0**-14, "y": 2.0**-14})
    assert small.of("y") == Format(24, 33)


def test_relu_neg_and_moves_keep_the_binary_point_and_concat_takes_the_coarsest():
    nodes = [
        node("Relu", ["x"], ["r"]),
        node("Neg", ["r"], ["n"]),
        node("Add", ["n", "n"], ["a"]),
        node("Concat", ["x", "a"], ["y"], axis=1),
    ]
    formats = chosen(nodes, {"x": 1.0, "r": 1.0, "n": 1.0, "a": 2.0, "y": 2.0})
    assert formats.of("r") == formats.of("n") == formats.of("x")
    assert formats.of("y") == formats.of("a") == Format(24, 20)


def test_conditions_are_one_bit_and_where_ignores_a_zero_branch():
    nodes = [node("Greater", ["x", "zero"], ["g"]), node("Where", ["g", "x", "zero"], ["y"])]
    formats = chosen(nodes, {"x": 1.0, "y": 1.0}, {"zero": np.array(0.0)})
    assert formats.tensors["g"].kind == "bool"
    assert formats.of("g").bits == 1
    assert formats.of("zero") == Format(1, 0)
    assert formats.of("y") == formats.of("x")


def test_an_operand_finer_than_the_sum_can_use_is_made_coarser():
    nodes = [node("Mul", ["x", "x"], ["tiny"]), node("Add", ["tiny", "c"], ["y"])]
    formats = chosen(nodes, {"x": 2.0**-30, "tiny": 2.0**-60, "y": 3.0}, {"c": np.array(3.0)})
    assert formats.of("tiny").frac == 58  # 3 bits of c aligned by 58, and a carry: 62


def test_data_finer_than_the_bias_allows_are_made_coarser():
    weights = {"w": np.full((4, 3), 2.0**-12), "b": np.full(3, 100.0)}
    formats = chosen([node("Gemm", ["x", "w", "b"], ["y"])], {"x": 2.0**-20, "y": 101.0}, weights)
    assert formats.accumulators["node_y"] <= 62


def test_a_zero_tensor_gets_a_plain_format():
    formats = chosen([node("Sub", ["x", "x"], ["y"])], {"x": 1.0, "y": 0.0})
    assert formats.of("y") == Format(24, 21)


def test_an_accumulator_that_is_too_wide_names_the_tensor():
    nodes = [node("MatMul", ["x", "w"], ["y"])]
    with pytest.raises(UserError) as error:
        chosen(
            nodes, {"x": 1.0, "y": 256.0}, {"w": np.ones((256, 1))}, inputs={"x": ["N", 256]}, widths=Widths(32, 27, 2)
        )
    assert str(error.value) == (
        "tensor 'y': the exact result before rounding needs 66 bits; expected at most 62 bits\n"
        "hint: use fewer data_bits or weight_bits, or bring the operands of this node to similar magnitudes"
    )


def test_an_operator_without_fixed_point_names_the_node_and_the_supported():
    with pytest.raises(UserError) as error:
        chosen([node("Div", ["x", "x"], ["y"])], {"x": 1.0, "y": 1.0})
    assert str(error.value) == (
        f"node 'node_y': operator 'Div' has no fixed-point arithmetic; expected one of {' '.join(sorted(SUPPORTED))}\n"
        "hint: Div: the stage optimize writes it with Mul and Reciprocal"
    )


def test_a_cast_of_truth_values_that_is_not_lowered_is_refused():
    nodes = [node("Greater", ["x", "zero"], ["g"]), node("Cast", ["g"], ["y"], to=1)]
    with pytest.raises(UserError) as error:
        chosen(nodes, {"x": 1.0, "y": 1.0}, {"zero": np.array(0.0)})
    assert str(error.value) == (
        "node 'node_y': Cast of truth values or whole numbers 'g'; expected floating-point numbers\n"
        "hint: the stage optimize writes Cast of truth values with Where"
    )


def test_integers_that_are_computed_from_numbers_are_refused():
    with pytest.raises(UserError) as error:
        chosen([node("Cast", ["x"], ["i"], to=7), node("Cast", ["i"], ["y"], to=1)], {"x": 1.0, "y": 1.0})
    assert str(error.value) == (
        "node 'node_i': Cast makes integers of 'x', which hardware has as fixed-point numbers; "
        "expected integers that follow from shapes"
    )


def test_a_matmul_of_two_computed_values_is_refused():
    with pytest.raises(UserError) as error:
        chosen([node("MatMul", ["x", "x"], ["y"])], {"x": 1.0, "y": 1.0}, inputs={"x": [4, 4]})
    assert str(error.value) == (
        "node 'node_y': the right operand of this MatMul is not a constant matrix; expected weights [K, M]"
    )


def test_a_gemm_with_factors_or_a_computed_bias_is_refused():
    weights = {"w": np.ones((4, 4))}
    with pytest.raises(UserError) as error:
        chosen([node("Gemm", ["x", "w"], ["y"], transB=1)], {"x": 1.0, "y": 1.0}, weights)
    assert str(error.value) == (
        "node 'node_y': Gemm with attributes {'transB': 1}; expected alpha = beta = 1 and no transposes\n"
        "hint: number formats are chosen for the graph that the optimizer writes"
    )
    with pytest.raises(UserError) as error:
        chosen([node("Gemm", ["x", "w", "x"], ["y"])], {"x": 1.0, "y": 1.0}, weights, inputs={"x": [4, 4]})
    assert str(error.value) == "node 'node_y': the bias of this Gemm is not constant; expected a constant bias [M]"


def test_constants_that_are_not_finite_are_named():
    model = load_model(
        build_model([node("Mul", ["x", "c"], ["y"])], {"x": ["N", 4]}, {"y": ["N", 4]}, {"c": np.array(2.0)})
    )
    model.graph.initializers["c"].const_value = ir.tensor(np.array(np.nan, dtype=np.float32))
    with pytest.raises(UserError) as error:
        choose_formats(model, {"x": 1.0, "y": 1.0}, WIDTHS)
    assert str(error.value) == "tensor 'c': the constant contains NaN or infinity; expected finite numbers"
