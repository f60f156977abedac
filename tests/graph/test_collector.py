import gc

import onnx_ir as ir
import pytest

from inrarch.graph.collector import paused_collector
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import optimize
from tests.models import siren


def test_the_collector_stands_still_and_goes_on() -> None:
    with paused_collector():
        assert not gc.isenabled()
        with paused_collector():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    @paused_collector()
    def fail() -> None:
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    assert gc.isenabled()


def test_it_stays_off_where_it_was_off() -> None:
    gc.disable()
    try:
        with paused_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_nothing_is_collected_between_passes() -> None:
    seen = []

    def look(model: ir.Model) -> int:
        seen.append(gc.isenabled())
        return 0

    optimize(load_model(siren((2, 8, 8, 1))), [("look", look)])
    assert seen == [False]
