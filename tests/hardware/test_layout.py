"""A network is read with its annotations; what is missing is named."""

from __future__ import annotations

from typing import Any

import pytest

from inrarch.errors import UserError
from inrarch.hardware.kernels import kernels
from inrarch.hardware.layout import parse_layout
from tests.hardware.small_design import network

_MADE_BY_MAP = "; expected a network that the map stage has written\nhint: run the map stage"


def test_units_find_their_streams() -> None:
    layout = parse_layout(network())
    sine = layout.units[2]
    assert layout.read_by(sine).name == "s_first__sine"
    assert layout.written_by(sine).fields == ("s", "ds")
    assert layout.written_by(sine).field_bits == 24
    assert layout.stream("s_sine__last").place_of("ds") == 1


def without(kind: str, key: str) -> dict[str, Any]:
    found = network()
    del found[kind][0][key]
    return found


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({k: v for k, v in network().items() if k != "rows"}, f"net.json: the network states no `rows`{_MADE_BY_MAP}"),
        (without("streams", "lanes"), f"net.json: stream 's_in__first' states no `lanes`{_MADE_BY_MAP}"),
        (without("processes", "kernel"), f"net.json: process 'in' states no `kernel`{_MADE_BY_MAP}"),
    ],
)
def test_missing_annotations_are_named(content: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_layout(content, "net.json")
    assert str(caught.value) == message


def test_an_unknown_kernel_is_refused() -> None:
    content = network()
    content["processes"][1]["kernel"] = "transpose"
    with pytest.raises(UserError) as caught:
        parse_layout(content, "net.json")
    expected = " | ".join(kernels())
    assert str(caught.value) == f"net.json: process 'first' needs kernel 'transpose'; expected {expected}"
