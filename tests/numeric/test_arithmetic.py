import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.errors import UserError
from inrarch.numeric.arithmetic import (
    accumulator_bits,
    align,
    bias_integers,
    exact_matmul,
    require_width,
    rescale,
    round_shift,
    saturate,
    sum_bits,
)
from inrarch.numeric.formats import Format

WIDE = st.integers(-(2**62) + 1, 2**62 - 1)


@given(WIDE, st.integers(0, 80))
def test_round_shift_is_floor_of_the_quotient_plus_a_half(value, shift):
    expected = (2 * value + 2**shift) // (2 * 2**shift)
    assert int(round_shift(np.array([value]), shift)[0]) == expected


@given(st.integers(-(2**31), 2**31), st.integers(0, 30))
def test_negative_shift_is_exact(value, shift):
    assert int(round_shift(np.array([value]), -shift)[0]) == value << shift


@given(WIDE, st.integers(1, 32))
def test_saturate_clips_and_counts_more_than_one_lsb(value, bits):
    fmt = Format(bits, 0)
    result = saturate(np.array([value]), fmt)
    assert int(result.values[0]) == min(max(value, fmt.lowest), fmt.highest)
    assert result.overflows == int(value > fmt.highest + 1 or value < fmt.lowest - 1)


@given(st.integers(-(2**40), 2**40), st.integers(-5, 40), st.integers(8, 24), st.integers(-5, 40))
def test_rescale_equals_exact_rational_rounding(value, frac, bits, target):
    if frac < target - 20:
        return
    fmt = Format(bits, target)
    scaled = (
        (2 * value + 2 ** (frac - target)) // (2 * 2 ** (frac - target)) if frac >= target else value << (target - frac)
    )
    assert int(rescale(np.array([value]), frac, fmt).values[0]) == min(max(scaled, fmt.lowest), fmt.highest)


@given(st.integers(8, 32), st.integers(-10, 20), st.integers(8, 32), st.integers(-10, 20))
def test_sum_bits_hold_every_aligned_sum(bits_a, frac_a, bits_b, frac_b):
    a, b = Format(bits_a, frac_a), Format(bits_b, frac_b)
    width, frac = sum_bits(a, b), max(frac_a, frac_b)
    assert (a.lowest << (frac - frac_a)) + (b.lowest << (frac - frac_b)) >= -(1 << (width - 1))
    assert int(align(np.array([3]), frac_a, frac)[0]) == 3 << (frac - frac_a)


@settings(max_examples=40)
@given(
    st.integers(8, 32),
    st.integers(4, 27),
    st.integers(1, 40),
    st.integers(1, 6),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_matmul_is_exact_at_every_width(data_bits, weight_bits, inputs, outputs, seed, extreme):
    generator = np.random.default_rng(seed)
    data_low, weight_low = -(1 << (data_bits - 1)), -(1 << (weight_bits - 1))
    data = generator.integers(data_low, -data_low, (3, inputs))
    weight = generator.integers(weight_low, -weight_low, (inputs, outputs))
    if extreme:
        data[:], weight[:] = data_low, weight_low
    expected = data.astype(object) @ weight.astype(object)
    result = exact_matmul(data, weight, data_bits)
    assert result.tolist() == expected.tolist()
    width = accumulator_bits(weight, Format(data_bits, 0))
    assert all(-(2 ** (width - 1)) <= value < 2 ** (width - 1) for value in expected.ravel())


def test_accumulator_counts_the_worst_column_and_the_bias():
    weight = np.array([[3, -100], [4, 28]])
    assert accumulator_bits(weight, Format(8, 0)) == (128 * 128).bit_length() + 1
    assert accumulator_bits(weight, Format(8, 0), np.array([10**6, 0])) == (7 * 128 + 10**6).bit_length() + 1


def test_bias_is_rounded_at_the_accumulators_binary_point():
    assert bias_integers(np.array([0.5, -0.25, 0.1249]), 2, "b").tolist() == [2, -1, 0]


def test_bias_that_does_not_fit_is_named():
    with pytest.raises(
        UserError, match=r"^tensor 'b': the exact result before rounding needs 64 bits; expected at most 62"
    ):
        bias_integers(np.array([1.0]), 62, "b")


def test_too_wide_names_tensor_width_and_limit():
    with pytest.raises(UserError) as error:
        require_width(65, "y_d0", 62)
    assert str(error.value) == (
        "tensor 'y_d0': the exact result before rounding needs 65 bits; expected at most 62 bits\n"
        "hint: use fewer data_bits or weight_bits, or bring the operands of this node to similar magnitudes"
    )
