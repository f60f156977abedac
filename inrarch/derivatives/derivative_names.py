"""Names of derivatives by parameters and along directions: `y_d:W`, `y_dv:W`, `y_d:W:b`, `y_dvv`, `y_J:W`.

After `_d` stand coordinates (digits, see `indices.suffix`) and directions (`v`), then a colon and a name for each
parameter. What is differentiated may be a derivative already: the gradient of `y_d0` is `y_d0:W`.
"""

from __future__ import annotations

from collections.abc import Collection


def by_parameters(value: str, parameters: Collection[str], derivatives: Collection[str]) -> str:
    """`y_d:W:b`: the derivative of a value by parameters; `derivatives` are values that are derivatives already."""
    return _opened(value, derivatives) + "".join(f":{name}" for name in parameters)


def along(value: str, order: int, derivatives: Collection[str]) -> str:
    """`y_dvv`: the derivative of this order along the direction of the inputs `v:…`."""
    if value in derivatives and ":" in value:
        head, _, parameters = value.partition(":")
        return f"{head}{'v' * order}:{parameters}"
    return _opened(value, derivatives) + "v" * order


def per_row(value: str, parameter: str) -> str:
    """`y_J:W`: the Jacobian of each row."""
    return f"{value}_J:{parameter}"


def vector(name: str) -> str:
    """`v:x`: the new input with the vector that belongs to an input, a parameter or an output."""
    return f"v:{name}"


def product(name: str) -> str:
    """`vjp:x`: the vector-Jacobian product by an input or a parameter."""
    return f"vjp:{name}"


def _opened(value: str, derivatives: Collection[str]) -> str:
    return value if value in derivatives else f"{value}_d"
