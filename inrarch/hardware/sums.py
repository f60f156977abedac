"""The header of a unit that adds up: its constants, and which fields it sums and how it rounds each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inrarch.hardware.layout import Stream
from inrarch.hardware.render import environment, render
from inrarch.numeric.formats import Formats


def sum_lists(given: Mapping[str, Any], read: Stream, formats: Formats) -> dict[str, tuple[int, ...]]:
    """Per sum the field of the token that is summed, and the binary places that its rounding drops.

    given: parameters with `inputs` and `outputs`, a tensor per sum. read: the stream with the inputs.
    """
    pairs = list(zip(given["inputs"], given["outputs"], strict=True))
    return {
        "field": tuple(read.place_of(operand) for operand, _ in pairs),
        "shift": tuple(formats.of(operand).frac - formats.of(result).frac for operand, result in pairs),
    }


def render_sums(
    name: str, kernel: str, constants: Mapping[str, int], lists: Mapping[str, tuple[int, ...]] | None = None
) -> str:
    """Header with the constants of a unit of `kernel`. name: legal name of the unit."""
    return render(environment(), "sums.hpp.j2", name=name, kernel=kernel, constants=constants, lists=lists or {})
