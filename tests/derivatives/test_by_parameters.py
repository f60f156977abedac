"""`inrarch.derive` by parameters and with vectors: of outputs, and of derivatives by coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import inrarch
from inrarch.derivatives.api import derive_plan
from inrarch.derivatives.plan import explained
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import build_model, node, perceptron, siren


def names(values: Any) -> list[str]:
    return [value.name for value in values]


def derived(model: Any, **asked: Any) -> Any:
    return load_model(inrarch.derive(model, **asked))


@pytest.mark.parametrize(
    ("by", "outputs", "inputs"),
    [
        (None, ["y", "y_d:w0", "y_d:b1"], ["x"]),
        ("gradient", ["y", "y_d:w0", "y_d:b1"], ["x"]),
        ("hessian", ["y", "y_d:w0", "y_d:b1", "y_d:w0:w0", "y_d:w0:b1", "y_d:b1:b1"], ["x"]),
        ("hvp", ["y", "y_d:w0", "y_d:b1", "y_dv:w0", "y_dv:b1"], ["x", "v:w0", "v:b1"]),
        ("jacobian", ["y", "y_J:w0", "y_J:b1"], ["x"]),
        ("vjp", ["y", "vjp:w0", "vjp:b1"], ["x", "v:y"]),
        ("jvp", ["y", "y_dv"], ["x", "v:w0", "v:b1"]),
        ("jvp3", ["y", "y_dv", "y_dvv", "y_dvvv"], ["x", "v:w0", "v:b1"]),
    ],
)
def test_every_kind_can_be_asked_for_and_is_simplified_without_harm(
    by: str | None, outputs: list[str], inputs: list[str]
) -> None:
    model = perceptron([2, 4, 1], "Tanh", dtype=np.float64)
    small, plain = (derived(model, parameters=["w0", "b1"], by=by, optimize=optimize) for optimize in (True, False))
    assert (names(small.graph.outputs), names(small.graph.inputs)) == (outputs, inputs)
    generator = np.random.default_rng(0)
    feeds = {
        value.name: generator.normal(size=[size if isinstance(size, int) else 3 for size in value.shape])
        for value in small.graph.inputs
    }
    expected = evaluate(plain, feeds)
    for name, array in evaluate(small, feeds).items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-10, atol=1e-12)


def test_derivatives_by_coordinates_are_differentiated_by_weights() -> None:
    model = siren((2, 8, 1), dtype=np.float64, w0=3.0)
    x = np.random.default_rng(0).uniform(-1, 1, (3, 2))
    found = evaluate(derived(model, outputs=["y_d0", "y_laplacian"], parameters="net.0.weight"), {"x": x})
    assert list(found) == ["y_d0", "y_laplacian", "y_d0:net.0.weight", "y_laplacian_d:net.0.weight"]
    tower = evaluate(derived(model, order=2, parameters="net.0.weight"), {"x": x})
    assert list(tower)[6:8] == ["y_d:net.0.weight", "y_d0:net.0.weight"]
    np.testing.assert_allclose(found["y_d0:net.0.weight"], tower["y_d0:net.0.weight"], rtol=1e-9)
    laplacian = tower["y_d00:net.0.weight"] + tower["y_d11:net.0.weight"]
    np.testing.assert_allclose(found["y_laplacian_d:net.0.weight"], laplacian, rtol=1e-9)


def test_a_parameter_that_does_not_matter_has_derivatives_of_zero() -> None:
    """The last bias is no part of a derivative by coordinates."""
    found = evaluate(derived(siren((2, 8, 1)), outputs=["y_d0"], parameters=["net.1.bias"]), {"x": np.ones((3, 2))})
    assert found["y_d0:net.1.bias"].tolist() == [0.0]


def test_without_parameters_the_operands_are_the_inputs() -> None:
    model = siren((2, 8, 3), dtype=np.float64)
    generator = np.random.default_rng(0)
    x, along, back = (generator.normal(size=(4, size)) for size in (2, 2, 3))
    forward = derived(model, wrt="x", by="jvp2")
    assert names(forward.graph.inputs) == ["x", "v:x"]
    backward = derived(model, by="vjp")
    assert names(backward.graph.outputs) == ["y", "vjp:x"]
    first = evaluate(forward, {"x": x, "v:x": along})["y_dv"]
    second = evaluate(backward, {"x": x, "v:y": back})["vjp:x"]
    assert (first * back).sum() == pytest.approx((second * along).sum(), rel=1e-10)


def test_outputs_of_the_model_can_be_chosen() -> None:
    model = inrarch.derive(siren((2, 8, 1)), order=1, optimize=False)
    assert names(derived(model, outputs=["y_d1"], parameters="net.0.bias").graph.outputs) == [
        "y_d1",
        "y_d1:net.0.bias",
    ]


def test_a_fixed_batch_is_freed() -> None:
    model = siren((2, 8, 1), batch=1, dtype=np.float64)
    found = derived(model, parameters="net.0.bias")
    x = np.random.default_rng(0).uniform(-1, 1, (3, 2))
    expected = sum(evaluate(found, {"x": row[None]})["y_d:net.0.bias"] for row in x)
    np.testing.assert_allclose(evaluate(found, {"x": x})["y_d:net.0.bias"], expected, rtol=1e-10)


def test_the_plan_shows_the_whole_and_what_is_inside() -> None:
    plan = derive_plan(load_model(siren((2, 8, 1))), outputs=["y_d0"], parameters=["net.0.weight"])
    text = explained(plan).splitlines()
    assert text[1].startswith("*  Reverse sweeps ")
    assert "the whole; inside it: " in text[1]
    assert not any(line.startswith("*") for line in text[2:])
    alone = explained(derive_plan(load_model(siren((2, 8, 1))), parameters=["net.0.weight"])).splitlines()
    assert len(alone) == 2
    assert alone[1].endswith("the only way")


def message(**asked: Any) -> str:
    with pytest.raises(UserError) as caught:
        inrarch.derive(siren((2, 8, 1)), **asked)
    return str(caught.value)


def test_what_cannot_be_asked() -> None:
    assert message(parameters="net.0.bias", by="hesian") == (
        "unknown derivative 'hesian'; expected gradient, hessian, hvp, jacobian, vjp, jvp, jvp2, …\n"
        "hint: did you mean 'hessian'?"
    )
    assert message(parameters="net.0.bia").startswith(
        "wrt 'net.0.bia' is not an input or a parameter (floating-point) of the model; expected one of 'x', "
    )
    assert message(parameters="net.0.bias", wrt="x") == (
        "neither an order nor outputs were asked for; expected order=2, or outputs=['y_d00']"
    )
    wrong = {"step": 0.1, "coordinates": [0], "direction": [1.0, 2.0], "method": "taylor"}
    for name, given in wrong.items():
        assert message(wrt="x", by="gradient", **{name: given}) == (
            f"{name} is {given!r}, but no derivatives by coordinates are asked for; "
            f"expected no {name}, or an order or outputs like 'y_d0'"
        )
    assert message(parameters="net.0.bias", outputs=["z"]).startswith("output 'z' is not a derivative of an output")


def test_a_product_of_an_order_beyond_the_limit() -> None:
    with pytest.raises(UserError, match="order 9999 in 1 coordinates needs 10000 Taylor coefficients"):
        inrarch.derive(siren((2, 4, 1)), by="jvp9999", wrt="x")


def test_a_product_of_an_order_whose_factorial_is_beyond_the_type() -> None:
    with pytest.raises(UserError) as caught:
        inrarch.derive(siren((2, 4, 1)), by="jvp60", wrt="x")
    assert str(caught.value) == ("order 60 needs a factor of 82 digits, too large for FLOAT; expected a lower order")


def test_outputs_as_one_name() -> None:
    found = derived(siren((2, 4, 1)), outputs="y", parameters="net.1.bias", by="gradient")
    assert names(found.graph.outputs) == ["y", "y_d:net.1.bias"]


@pytest.mark.parametrize("by", ["gradient", "hessian", "hvp", "jacobian", "vjp", "jvp"])
def test_a_parameter_that_nothing_uses_has_derivatives_of_zero(by: str) -> None:
    """Softmax is written with other operators first, which must not lose the parameter."""
    model = build_model(
        [node("MatMul", ["x", "w"], "h"), node("Softmax", ["h"], "s"), node("MatMul", ["s", "v"], "y")],
        {"x": ["N", 2]},
        {"y": ["N", 1]},
        {"w": np.ones((2, 3)), "v": np.ones((3, 1)), "unused": np.ones(3)},
        dtype=np.float64,
    )
    found = derived(model, parameters=["unused"], by=by)
    feeds = {
        value.name: np.ones([size if isinstance(size, int) else 5 for size in value.shape])
        for value in found.graph.inputs
    }
    derivative = evaluate(found, feeds)[names(found.graph.outputs)[-1]]
    assert np.size(derivative) > 0
    assert not np.any(derivative)
