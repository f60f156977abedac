import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.errors import UserError
from inrarch.numeric.formats import (
    Format,
    Formats,
    OutputError,
    TensorFormat,
    check_widths,
    constant_format,
    dequantize,
    format_for,
    integer_bits,
    load_formats,
    save_formats,
    to_integers,
)

SOME = Formats(
    "fixed",
    24,
    18,
    2,
    tensors={"x": TensorFormat("data", Format(24, 23), 1.0), "w": TensorFormat("weight", Format(18, -3), 1e6)},
    tables={
        "sin_1": {
            "function": "sin",
            "name": "sin_24_17_24_23",
            "segments": 128,
            "rom_bits": 7936,
            "worst_error_lsb": 1.0,
        }
    },
    accumulators={"mm": 45},
    errors={"y": OutputError(1e-4, 2e-4, 5e-5)},
    overflows=0,
    samples=8192,
)


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_integer_bits_is_the_smallest_power_of_two_that_reaches_the_value(value):
    bits = integer_bits(value)
    assert Fraction(2) ** (bits - 1) < Fraction(value) <= Fraction(2) ** bits


def test_zero_gets_a_format_that_covers_one():
    assert format_for(0.0, 24, 2) == Format(24, 21)


@given(st.floats(min_value=1e-30, max_value=1e30), st.integers(8, 32), st.integers(0, 4))
def test_format_covers_the_range_with_its_guard_bits_and_wastes_none(peak, bits, guard):
    fmt = format_for(peak, bits, guard)
    reach = Fraction(fmt.highest + 1) / Fraction(2) ** fmt.frac
    assert reach / 2 < Fraction(peak) * 2**guard <= reach


@given(
    st.lists(st.tuples(st.integers(-(2**11), 2**11), st.integers(-20, 20)), min_size=1, max_size=5), st.integers(8, 24)
)
def test_constants_are_exact_wherever_their_bits_suffice_and_then_use_the_fewest(parts, bits):
    values = np.array([math.ldexp(m, e) for m, e in parts])
    fmt = constant_format(values, bits)
    assert fmt.bits <= bits
    exact = np.array_equal(dequantize(to_integers(values, fmt), fmt), values)
    least = next(
        (
            width
            for width in range(1, bits + 1)
            for frac in range(-40, 41)
            if np.array_equal(dequantize(to_integers(values, Format(width, frac)), Format(width, frac)), values)
            and to_integers(values, Format(width, frac)).min() > -(1 << (width - 1))
        ),
        None,
    )
    assert exact or least is None
    if least is not None:
        assert fmt.bits == least


def test_a_power_of_two_takes_two_bits_and_zero_takes_one():
    assert constant_format(np.array([0.125, -0.125, 0.0]), 24) == Format(2, 3)
    assert constant_format(np.zeros(3), 24) == Format(1, 0)
    assert constant_format(np.array(1 / 3), 24) == Format(24, 24)


@given(st.floats(-1e6, 1e6), st.integers(4, 32), st.integers(-10, 40))
def test_quantising_rounds_to_nearest_with_ties_up_and_saturates(value, bits, frac):
    fmt = Format(bits, frac)
    nearest = math.floor(Fraction(value) * Fraction(2) ** frac + Fraction(1, 2))
    assert to_integers(value, fmt) == min(max(nearest, fmt.lowest), fmt.highest)


def test_formats_survive_the_file_and_give_the_same_bytes(tmp_path):
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    save_formats(SOME, first)
    save_formats(load_formats(first), second)
    assert load_formats(first) == SOME
    assert first.read_bytes() == second.read_bytes()


def test_unknown_tensor_names_the_nearest():
    with pytest.raises(UserError) as error:
        SOME.of("xx")
    assert str(error.value) == "formats.json: no number format for tensor 'xx'\nhint: did you mean 'x'?"


@pytest.mark.parametrize(
    ("widths", "message"),
    [
        ((33, 18, 2), "numeric.data_bits: data_bits is 33; expected 8 to 32"),
        ((24, 28, 2), "numeric.weight_bits: weight_bits is 28; expected 4 to 27"),
        ((24, 18, 9), "numeric.guard_bits: guard_bits is 9; expected 0 to 8"),
    ],
)
def test_widths_out_of_bounds_say_the_bounds(widths, message):
    with pytest.raises(UserError) as error:
        check_widths(*widths)
    assert str(error.value) == message


def test_missing_file_is_named(tmp_path):
    path = tmp_path / "formats.json"
    with pytest.raises(UserError) as error:
        load_formats(path)
    assert str(error.value) == (
        f"{path}: cannot be read: no such file or directory; expected the formats.json of the quantize stage (JSON)"
    )


def test_broken_json_says_where(tmp_path):
    path = tmp_path / "formats.json"
    path.write_text('{"policy": ')
    with pytest.raises(UserError) as error:
        load_formats(path)
    assert str(error.value) == (
        f"{path}:1:12: is not JSON: Expecting value; expected the formats.json of the quantize stage (JSON)"
    )


def test_content_outside_the_schema_says_the_place(tmp_path):
    path = tmp_path / "formats.json"
    save_formats(SOME, path)
    content = json.loads(path.read_text())
    content["tensors"]["x"]["bits"] = 40
    path.write_text(json.dumps(content))
    with pytest.raises(UserError) as error:
        load_formats(path)
    assert str(error.value) == (
        f"{path}: tensors.x.bits: 40 is greater than the maximum of 32; expected what schemas/formats.schema.json says"
    )
