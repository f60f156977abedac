"""Names of new constants."""

from __future__ import annotations

import pytest

from inrarch.derivatives.emit import Emitter
from inrarch.graph.load import load_model
from inrarch.graph.passes.editor import Editor
from tests.models import siren


@pytest.mark.parametrize(("number", "name"), [(-0.0, "number_0"), (0.0, "number_0"), (-1.5, "number_-1.5")])
def test_zero_has_no_sign_in_names(number: float, name: str) -> None:
    graph = load_model(siren((2, 4, 1))).graph
    assert Editor(graph).number(number, graph.inputs[0]).name == name
    assert Emitter(()).number(number, graph.inputs[0]).name == name
