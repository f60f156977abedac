"""How names and numbers are written for people: partial derivatives as symbols, figures with their units."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from inrarch.derivatives.recorded import derivative_outputs

if TYPE_CHECKING:
    import onnx_ir as ir

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


_OPERATORS = {
    "gradient": "∇{}",
    "jacobian": "∂{}/∂x",
    "hessian": "∇²{}",
    "laplacian": "Δ{}",
    "biharmonic": "Δ²{}",
    "divergence": "∇·{}",
    "curl": "∇×{}",
    "normal": "∇{0}/|∇{0}|",
}


@dataclass(frozen=True, slots=True)
class Partial:
    """One derivative: of which of the model's outputs, by which coordinates (in rising order) or by which operator.

    highest: order of the operator. whole: the operator is the whole symbol.
    """

    base: str
    indices: tuple[int, ...]
    operator: str = ""
    highest: int = 0
    whole: bool = False

    @property
    def order(self) -> int:
        """Number of differentiations; 0 is the value itself."""
        return self.highest if self.operator else len(self.indices)

    @property
    def symbol(self) -> str:
        """`∂²y/∂x₀∂x₁`, `Δy`, `heat(y)` for an operator of the user's; the name alone for a value."""
        if self.whole:
            return self.operator
        if self.operator:
            return _OPERATORS.get(self.operator, f"{self.operator}({{}})").format(self.base)
        if not self.indices:
            return self.base
        below = "".join(f"∂x{_sub(i)}{_power(len(list(run)))}" for i, run in groupby(self.indices))
        return f"∂{_power(self.order)}{self.base}/{below}"


def by_parameters(graph: ir.Model) -> dict[str, Partial]:
    """The outputs of a graph of derivatives by parameters: `∂Σy/∂W` for `y_d:W`, `vᵀ ∂/∂W` for `vjp:W`."""
    derivatives = derivative_outputs(graph)
    found = {}
    for output in graph.graph.outputs:
        name = str(output.name)
        base, _, parameter = name.partition(":")
        if name not in derivatives:
            found[name] = Partial(name, ())
        elif base == "vjp":
            found[name] = Partial(parameter, (), f"vᵀ ∂/∂{parameter}", 1, whole=True)
        elif parameter:
            value = base.removesuffix("_d")
            found[name] = Partial(value, (), f"∂Σ{value}/∂{parameter}", 1, whole=True)
        else:
            found[name] = Partial(name, (), name, 1, whole=True)
    return found


def _sub(number: int) -> str:
    return str(number).translate(_SUBSCRIPTS)


def _power(exponent: int) -> str:
    return "" if exponent == 1 else str(exponent).translate(_SUPERSCRIPTS)


def figure(value: float | None, digits: int = 3) -> str:
    """A measured quantity with `digits` significant digits: `0.00217`, `4.62e-5`, `12.5`, `1.26e+6`; `–` for None."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        text = f"{value:.{digits}g}"
        return str(round(value)) if "e" in text else text
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def count(value: int | None) -> str:
    """A whole number with thin spaces between thousands: `12 345`; `–` for None."""
    return "–" if value is None else f"{value:,}".replace(",", "\u202f")


def percent(share: float | None) -> str:
    """A share as `34 %`, with a decimal below ten; `–` for None."""
    if share is None:
        return "–"
    return f"{share * 100:.1f} %" if share < 0.0995 else f"{share * 100:.0f} %"
