"""Names of derivatives by parameters and along directions: `y_d:W`, `y_d:W:b`, `y_dv`, `y_dv:W`, `y_J:W`, `vjp:x`.

After `_d` stand coordinates (digits, see `indices.suffix`), then directions (`v`), then a colon and a name for each
parameter. What is differentiated may be a derivative already: the gradient of `y_d0` is `y_d0:W`, and the derivative
of `y_d:W` along a direction is `y_dv:W`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_DIFFERENTIATED = re.compile(r"_d([0-9]+(_[0-9]+)*)?v*$")


def by_parameters(value: str, parameters: Collection[str], derivatives: Collection[str]) -> str:
    """`y_d:W:b`: the derivative of a value by parameters; `derivatives` are values that are derivatives already."""
    head, rest = _opened(value, derivatives)
    return head + rest + "".join(f":{name}" for name in parameters)


def along(value: str, order: int, derivatives: Collection[str]) -> str:
    """`y_dvv`: the derivative of this order along the direction of the inputs `v:…`."""
    head, rest = _opened(value, derivatives)
    return head + "v" * order + rest


def per_row(value: str, parameter: str) -> str:
    """`y_J:W`: the Jacobian of each row."""
    return f"{value}_J:{parameter}"


def vector(name: str) -> str:
    """`v:x`: the new input with the vector that belongs to an input, a parameter or an output."""
    return f"v:{name}"


def product(name: str) -> str:
    """`vjp:x`: the vector-Jacobian product by an input or a parameter."""
    return f"vjp:{name}"


def _opened(value: str, derivatives: Collection[str]) -> tuple[str, str]:
    """The name up to where a coordinate or direction can be added, and the parameters after that."""
    head, colon, parameters = value.partition(":")
    if value in derivatives and _DIFFERENTIATED.search(head):
        return head, colon + parameters
    return f"{value}_d", ""
