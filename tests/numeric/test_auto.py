"""Widths `auto`: what is found meets its limits on all rows, and nothing a step cheaper does; errors."""

from __future__ import annotations

from functools import cache

import numpy as np
import onnx_ir as ir
import pytest
from onnx import helper

from inrarch.derivatives.api import derive_graph
from inrarch.derivatives.recorded import output_orders
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.auto import Asked, Job, choose, given_widths
from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import Formats
from inrarch.numeric.limits import error_limits
from inrarch.numeric.quantize import measure, quantize
from inrarch.numeric.samples import box_of, box_samples
from tests.models import build_model, siren

ALL = Asked("auto", "auto", "auto", "auto")
DSP48E2, DSP58 = (27, 18), (27, 24)


@cache
def tower(order: int = 2) -> ir.Model:
    return derive_graph(load_model(siren((2, 16, 16, 1), w0=10.0, seed=4)), order=order, method="taylor", optimize=True)


def job(
    model: ir.Model, limit: float | dict[str, float], multiplier: tuple[int, int] = DSP48E2, rows: int = 1500
) -> Job:
    calibration = box_samples((-1.0,), (1.0,), 2, rows, (0, 0), corners=True)
    test = box_samples((-1.0,), (1.0,), 2, rows, (0, 1), corners=False)
    return Job(model, calibration, test, box_of((-1.0,), (1.0,), 2), error_limits(model, limit, 1e-2), multiplier)


def weight_bits(formats: Formats) -> list[int]:
    return [tensor.format.bits for tensor in formats.tensors.values() if tensor.kind == "weight"]


def errors(formats: Formats) -> float:
    return max(error.max_rel for error in formats.errors.values())


@pytest.mark.parametrize("limit", [1e-2, 1e-3, 1e-4, 1e-5])
def test_the_formats_found_meet_the_limit_and_narrower_data_do_not(limit: float) -> None:
    given = job(tower(), limit)
    formats = choose(given, ALL, must_meet=False)
    assert formats.samples == 1500
    assert errors(measure(given.model, formats, given.test)) == errors(formats) <= limit
    assert formats.overflows == 0
    largest = largest_magnitudes(given.model, given.calibration)
    widths = Widths(formats.data_bits - 3, max(weight_bits(formats)), formats.guard_bits)
    assert errors(measure(given.model, choose_formats(given.model, largest, widths), given.test)) > limit
    narrow = Widths(formats.data_bits, max(weight_bits(formats)) - 3, formats.guard_bits)
    assert errors(measure(given.model, choose_formats(given.model, largest, narrow), given.test)) > limit


def test_one_multiplier_per_product_where_that_is_accurate_enough() -> None:
    formats = choose(job(tower(), 1e-3), ALL, must_meet=False)
    assert formats.data_bits <= 27
    assert max(weight_bits(formats)) <= 18
    products = [node for node in tower().graph if node.op_type == "Mul"]
    for node in products:
        wide, narrow = sorted(f.bits for f in formats.operands_of(str(node.name), [str(v.name) for v in node.inputs]))[
            ::-1
        ]
        assert wide <= 27
        assert narrow <= 18


def test_another_multiplier_gives_other_widths() -> None:
    """What takes two DSP48E2 takes one DSP58, so that no factor is rounded there."""
    limit = 2e-6
    here, there = (choose(job(tower(), limit, shape), ALL, must_meet=False) for shape in (DSP48E2, DSP58))
    assert max(weight_bits(here)) > 18
    assert max(weight_bits(there)) <= 24
    assert not there.factors or here.factors == {}
    assert errors(here) <= limit
    assert errors(there) <= limit


def test_limits_by_order_bind_on_their_own() -> None:
    loose = choose(job(tower(), {"0": 1e-2, "1": 1e-2, "2": 1e-2}), ALL, must_meet=False)
    tight = choose(job(tower(), {"0": 1e-5, "1": 1e-2, "2": 1e-2}), ALL, must_meet=False)
    assert loose.errors["y"].max_rel > 1e-5 >= tight.errors["y"].max_rel
    assert all(tight.errors[name].max_rel <= 1e-2 for name in output_orders(tower()))


def test_a_width_that_is_given_stays() -> None:
    formats = choose(job(tower(), 1e-3), Asked("auto", 16, 3, None), must_meet=False)
    assert (set(weight_bits(formats)), formats.guard_bits, dict(formats.factors)) == ({16}, 3, {})
    fixed = choose(job(tower(), 1e-3), Asked(22, "auto", "auto", 18), must_meet=False)
    assert fixed.data_bits == 22
    assert {factor.format.bits for factor in fixed.factors.values()} == {18}


def test_the_search_is_deterministic() -> None:
    first, second = (choose(job(tower(1), 1e-4), ALL, must_meet=False) for _ in range(2))
    assert first == second


def test_every_trial_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    formats = choose(job(tower(1), 1e-4), ALL, must_meet=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "data weights factors guard  DSP/MAC  largest relative error by order"
    assert lines[-1].endswith("meets on all rows")
    assert lines[-1].split()[0] == str(formats.data_bits)
    assert any("misses y" in line for line in lines)


def exponential() -> Job:
    """Exp, calibrated on [-1, -0.9], where it is at most 0.41, and used on [-1, 1], where it is at most 2.72."""
    node = helper.make_node("Exp", ["x"], ["y"], name="e")
    model = load_model(build_model([node], {"x": ["N", 1]}, {"y": ["N", 1]}))
    calibration, test = np.linspace(-1, -0.9, 50)[:, None], np.linspace(-1, 1, 101)[:, None]
    return Job(model, calibration, test, box_of((-1.0,), (1.0,), 1), {"y": 1e3}, DSP48E2)


def test_guard_bits_hold_what_calibration_has_not_seen() -> None:
    """From a range of 0.5 to one of 4."""
    found = choose(exponential(), Asked(16, 16, "auto", None), must_meet=False)
    assert (found.guard_bits, found.overflows) == (3, 0)


def test_factors_of_widths_that_are_given() -> None:
    assert given_widths(Asked(24, 18, 2, "auto"), DSP48E2).factor_bits == 18
    assert given_widths(Asked(27, 24, 2, "auto"), DSP48E2).factor_bits is None
    assert given_widths(Asked(24, 18, 2, None), DSP48E2).factor_bits is None
    assert given_widths(Asked(24, 24, 2, "auto"), DSP58).factor_bits is None
    assert given_widths(Asked(24, 18, 2, 12), DSP48E2).factor_bits == 12


def test_a_rounded_factor_costs_less_accuracy_than_narrow_data() -> None:
    given = job(tower(), 1.0)
    whole, rounded, narrow = (
        errors(quantize(given.model, widths, given.calibration, given.test))
        for widths in (Widths(24, 18, 2), Widths(24, 18, 2, 18), Widths(18, 18, 2))
    )
    assert whole < rounded < narrow / 5


def test_a_limit_that_no_width_meets_names_the_best() -> None:
    with pytest.raises(UserError) as caught:
        choose(job(tower(1), 1e-12), ALL, must_meet=False)
    error = caught.value
    assert error.exit_code == 1
    assert error.place == "constraints.max_error"
    assert error.expected == "at most 1e-12"
    assert error.found.startswith("no widths meet the limits: at best (data 32, weights ")
    assert " the relative error of output 'y" in error.found
    assert error.hint is not None
    assert error.hint.startswith("allow output 'y")


def test_widths_that_are_given_are_named_as_the_reason() -> None:
    with pytest.raises(UserError) as caught:
        choose(job(tower(1), 1e-5), Asked(16, "auto", "auto", "auto"), must_meet=False)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("set numeric.data_bits to auto, or allow output 'y")


def test_an_overflow_with_given_guard_bits_is_named() -> None:
    with pytest.raises(UserError) as caught:
        choose(exponential(), Asked("auto", 16, 0, None), must_meet=False)
    assert caught.value.place == "numeric.guard_bits"
    assert caught.value.found.endswith(" values overflow with 0 guard bits")
    assert caught.value.hint == "set numeric.guard_bits to auto, or calibrate on more samples"


def test_an_explicit_limit_binds_widths_that_are_given() -> None:
    with pytest.raises(UserError) as caught:
        choose(job(tower(1), 1e-6), Asked(16, 16, 2, "auto"), must_meet=True)
    assert caught.value.expected == "at most 1e-06"
    assert caught.value.found.startswith("the number formats have a relative error of ")
    assert choose(job(tower(1), 1e-6), Asked(16, 16, 2, "auto"), must_meet=False).data_bits == 16


def test_widths_too_narrow_for_bounds_are_passed_over() -> None:
    """In few bits the divisor x^2 + 0.004 may round to 0, so that its reciprocal has no bound; in more it has one."""
    nodes = [
        helper.make_node("Mul", ["x", "x"], ["q"], name="q"),
        helper.make_node("Add", ["q", "little"], ["s"], name="s"),
        helper.make_node("Reciprocal", ["s"], ["y"], name="i"),
        helper.make_node("MatMul", ["y", "w"], ["z"], name="w"),
    ]
    weights = {"little": np.array(0.004), "w": np.ones((2, 1))}
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"z": ["N", 1]}, weights))
    formats = choose(job(model, 0.5), Asked("auto", "auto", "auto", None, "bounds"), must_meet=False)
    assert formats.overflows == 0
    assert all(tensor.proven for tensor in formats.tensors.values() if tensor.kind == "data")
    assert errors(formats) <= 0.5
