"""Steps that work entry by entry: functions of one value, of several, comparisons and what is chosen by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import TensorProto

from tests.fuzz.builder import Builder, Step, Tensor

ANY = lambda b, t: t.name  # noqa: E731
UNIT: Callable[[Builder, Tensor], str] = lambda b, t: b.squashed(t, 0.8)  # noqa: E731
SMALL: Callable[[Builder, Tensor], str] = lambda b, t: b.squashed(t)  # noqa: E731
POSITIVE: Callable[[Builder, Tensor], str] = lambda b, t: b.positive(t)  # noqa: E731

UNARY: dict[str, tuple[Callable[[Builder, Tensor], str], Callable[[float], float], int]] = {
    # operator: the values it is given, the bound of the result, the opset
    **{name: (ANY, lambda u: 1.0, 13) for name in ("Sin", "Cos", "Tanh", "Sigmoid", "Erf", "Softsign", "Sign")},
    **{name: (ANY, lambda u: u, 13) for name in ("Neg", "Identity", "Abs", "Relu")},
    **{name: (ANY, lambda u: u + 1, 13) for name in ("Softplus", "Floor", "Ceil", "Round", "Asinh")},
    **{name: (ANY, lambda u: 2 * u + 1, 13) for name in ("Selu",)},
    "Atan": (ANY, lambda u: 1.6, 13),
    "HardSwish": (ANY, lambda u: u, 14),
    "Mish": (ANY, lambda u: u, 18),
    "Exp": (SMALL, lambda u: 2.8, 13),
    "Sinh": (SMALL, lambda u: 1.2, 13),
    "Cosh": (SMALL, lambda u: 1.6, 13),
    "Tan": (UNIT, lambda u: 1.1, 13),
    "Asin": (UNIT, lambda u: 1.0, 13),
    "Acos": (UNIT, lambda u: 2.5, 13),
    "Atanh": (UNIT, lambda u: 1.1, 13),
    "Acosh": (lambda b, t: b.squashed(t, 1.0, 3.0), lambda u: 2.1, 13),
    "Log": (POSITIVE, lambda u: 1.1, 13),
    "Sqrt": (POSITIVE, lambda u: 1.8, 13),
    "Reciprocal": (POSITIVE, lambda u: 1.0, 13),
}


def unary(operator: str) -> Step:
    given, bound, opset = UNARY[operator]
    return Step((operator,), lambda b, t: void(b.add(operator, [given(b, t)], t.tail, bound(t.bound))), opset)


def void(_: Any) -> None:
    """The type of a step."""


def with_attribute(operator: str, attribute: str, values: tuple[Any, ...], opset: int = 13) -> Step:
    def add(b: Builder, t: Tensor) -> None:
        attributes = {attribute: b.choose(values)} if b.chance(0.7) else {}
        b.add(operator, [t.name], t.tail, t.bound + 1, **attributes)

    return Step((operator,), add, opset)


def hard_sigmoid(b: Builder, t: Tensor) -> None:
    b.add("HardSigmoid", [t.name], t.tail, 1.0, **({"alpha": 0.3, "beta": 0.4} if b.chance(0.5) else {}))


def celu(b: Builder, t: Tensor) -> None:
    """ONNX has it for float32 only; PyTorch's exporter casts around it."""
    name = t.name if b.dtype is np.float32 else b.node("Cast", [t.name], to=TensorProto.FLOAT)
    alpha = {"alpha": 2.0} if b.chance(0.5) else {}  # its reciprocal is exact in float32
    if b.dtype is np.float32:
        b.add("Celu", [name], t.tail, t.bound + 1, **alpha)
    else:
        b.add("Cast", [b.node("Celu", [name], **alpha)], t.tail, t.bound + 1, to=TensorProto.DOUBLE)


def clip(b: Builder, t: Tensor) -> None:
    low = b.constant(b.random.uniform(-1, 0)) if b.chance(0.7) else ""
    operands = [t.name, low, b.constant(b.random.uniform(0, 1))] if b.chance(0.7) else [t.name, *([low] if low else [])]
    b.add("Clip", operands, t.tail, t.bound + 1)


def arithmetic(operator: str) -> Step:
    def add(b: Builder, t: Tensor) -> None:
        name, tail, bound = b.partner(t)
        if operator == "Div":
            divisor = b.positive(Tensor(name, tail, bound))
            b.add("Div", [t.name, divisor], tail, t.bound)
            return
        operands = [t.name, name] if b.chance(0.5) else [name, t.name]
        b.add(operator, operands, tail, t.bound * bound if operator == "Mul" else t.bound + bound)

    return Step((operator,), add)


def variadic(operator: str) -> Step:
    def add(b: Builder, t: Tensor) -> None:
        operands, tail, bound = [t.name], t.tail, t.bound
        for _ in range(b.integer(0, 2)):
            name, tail, other = b.partner(Tensor(t.name, tail, bound))
            operands.append(name)
            bound += other
        b.add(operator, operands, tail, bound)

    return Step((operator,), add)


def power(b: Builder, t: Tensor) -> None:
    kind = b.integer(0, 4)
    if kind == 0:
        b.add("Pow", [b.squashed(t, 1.5), b.constant(float(b.choose([0, 1, 2, 3])))], t.tail, 3.4)
    elif kind == 1:
        b.add("Pow", [t.name, b.constant(np.array(2, dtype=np.int64))], t.tail, t.bound**2)
    elif kind == 2:
        b.add("Pow", [b.positive(t), b.constant(b.choose([-2.0, -1.0, -0.5, 0.5, 1.7]))], t.tail, 6.5)
    elif kind == 3:
        name, tail, bound = b.partner(t)
        b.add("Pow", [b.positive(t), b.squashed(Tensor(name, tail, bound))], tail, 3.0)
    else:
        b.add("Pow", [b.uniform(t.tail, 0.5, 2.0), b.squashed(t)], t.tail, 2.0)


def prelu(b: Builder, t: Tensor) -> None:
    slope = b.uniform(b.choose([(), t.tail[-1:], t.tail]), 0.1, 0.9)
    b.add("PRelu", [t.name, slope], t.tail, t.bound)


COMPARISONS = ("Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal")
CONNECTIVES = ("And", "Or", "Xor")


def condition(b: Builder, t: Tensor, comparison: str) -> tuple[str, tuple[int, ...]]:
    """Entries against a threshold or another value; equality is asked of rounded values."""
    threshold = b.constant(float(b.random.uniform(-0.3, 0.3)))
    if comparison != "Equal":
        return b.node(comparison, [t.name, threshold] if b.chance(0.5) else [threshold, t.name]), t.tail
    whole = b.node("Greater", [t.name, threshold])
    return b.node("Equal", [whole, b.constant(np.array(b.chance(0.5)))]), t.tail


def chosen(comparison: str) -> Step:
    def add(b: Builder, t: Tensor) -> None:
        held, _ = condition(b, t, comparison)
        name, tail, bound = b.partner(t)
        operands = [t.name, name] if b.chance(0.5) else [name, t.name]
        b.add("Where", [held, *operands], tail, max(t.bound, bound))

    return Step((comparison, "Where"), add)


def connected(connective: str) -> Step:
    def add(b: Builder, t: Tensor) -> None:
        first, _ = condition(b, t, "Greater")
        if connective == "Not":
            held = b.node("Not", [first])
        else:
            held = b.node(connective, [first, condition(b, t, "Greater")[0]])
        b.add("Where", [held, t.name, b.constant(0.25)], t.tail, t.bound + 1)

    return Step((connective, "Where"), add)


def mask(b: Builder, t: Tensor) -> None:
    """A truth value as a number, as `(x > a).to(x.dtype)` exports."""
    held, _ = condition(b, t, "Greater")
    kind = TensorProto.DOUBLE if b.dtype is np.float64 else TensorProto.FLOAT
    number = b.node("Cast", [held], to=kind)
    b.add("Mul", [t.name, b.node("Cast", [number], to=kind)], t.tail, t.bound)


def whole(b: Builder, t: Tensor) -> None:
    """The fractional part, by way of an integer."""
    kind = TensorProto.DOUBLE if b.dtype is np.float64 else TensorProto.FLOAT
    number = b.node("Cast", [b.node("Cast", [t.name], to=TensorProto.INT64)], to=kind)
    b.add("Sub", [t.name, number], t.tail, 1.0)


def like(b: Builder, t: Tensor) -> None:
    held, _ = condition(b, t, "Greater")
    b.add("Add", [t.name, b.node("CastLike", [held, t.name])], t.tail, t.bound + 1)


STEPS = (
    *(unary(operator) for operator in UNARY),
    with_attribute("Gelu", "approximate", ("none", "tanh"), 20),
    with_attribute("Swish", "alpha", (0.5, 1.5), 24),
    with_attribute("Elu", "alpha", (0.5, 1.5)),
    with_attribute("LeakyRelu", "alpha", (0.1, 0.4)),
    with_attribute("ThresholdedRelu", "alpha", (0.1, 0.4)),
    Step(("HardSigmoid",), hard_sigmoid),
    Step(("Celu", "Cast"), celu),
    Step(("Clip",), clip),
    *(arithmetic(operator) for operator in ("Add", "Sub", "Mul", "Mul", "Div")),
    *(variadic(operator) for operator in ("Max", "Min", "Sum", "Mean")),
    *(Step(("Pow",), power) for _ in range(3)),
    Step(("PRelu",), prelu),
    *(chosen(comparison) for comparison in COMPARISONS),
    *(connected(connective) for connective in (*CONNECTIVES, "Not")),
    Step(("Cast",), mask),
    Step(("Cast",), whole),
    Step(("CastLike",), like, 15),
)
