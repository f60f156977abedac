"""`factor_bits: auto`: factors are rounded where that leaves every output about as accurate as whole products do."""

from __future__ import annotations

from dataclasses import replace

import onnx_ir as ir
import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.graph.load import load_model
from inrarch.numeric.auto import Asked, Job, choose
from inrarch.numeric.formats import Formats
from inrarch.numeric.samples import box_of, box_samples
from tests.models import siren
from tests.stages.test_csim_networks import two_inputs

ASKED = Asked(24, 18, 2, "auto")


def formats_of(model: ir.Model, coordinates: int, asked: Asked) -> Formats:
    calibration, test = (
        box_samples((-1.0,), (1.0,), coordinates, 1024, (0, part), corners=not part) for part in range(2)
    )
    job = Job(model, calibration, test, box_of((-1.0,), (1.0,), coordinates), {}, (27, 18))
    return choose(job, asked, must_meet=False)


@pytest.fixture(scope="module")
def exponential() -> ir.Model:
    """Derivatives of sigmoid(exp(h)): factors of many magnitudes, whose products cancel."""
    return derive_graph(load_model(two_inputs()), wrt=["x", "t"], order=2, method="taylor", optimize=True)


def test_factors_that_more_than_double_an_error_stay_whole(exponential: ir.Model) -> None:
    whole = formats_of(exponential, 3, replace(ASKED, factor_bits=None))
    rounded = formats_of(exponential, 3, replace(ASKED, factor_bits=18))
    found = formats_of(exponential, 3, ASKED)
    limits = {name: max(2 * error.max_rel, 2.0**-18) for name, error in whole.errors.items()}
    assert any(error.max_rel > 10 * limits[name] for name, error in rounded.errors.items())
    assert all(error.max_rel <= limits[name] for name, error in found.errors.items())
    assert len(rounded.factors) / 3 < len(found.factors) < len(rounded.factors)
    assert found.factors.items() <= rounded.factors.items()


def test_a_network_whose_errors_do_not_double_has_all_factors_rounded() -> None:
    model = derive_graph(load_model(siren((2, 16, 16, 1), w0=10.0)), order=2, method="taylor", optimize=True)
    found = formats_of(model, 2, ASKED)
    assert found.factors == formats_of(model, 2, replace(ASKED, factor_bits=18)).factors != {}


def test_a_width_that_is_given_is_not_questioned(exponential: ir.Model) -> None:
    found = formats_of(exponential, 3, replace(ASKED, factor_bits=12))
    assert {factor.format.bits for factor in found.factors.values()} == {12}
    assert len(found.factors) == len(formats_of(exponential, 3, replace(ASKED, factor_bits=18)).factors)


def test_every_choice_is_the_same_twice(exponential: ir.Model) -> None:
    assert formats_of(exponential, 3, ASKED) == formats_of(exponential, 3, ASKED)
