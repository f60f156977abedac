import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inrarch.errors import UserError
from inrarch.numeric.formats import Format, format_for
from inrarch.numeric.functions import function_named, power_name, table_functions
from inrarch.numeric.polynomial import signed_bits
from inrarch.numeric.tables import build_table, describe, reference, table_name, undefined_inputs

POWERS = tuple(power_name(exponent) for exponent in (-0.5, 0.5, 1.5, -2.25, 0.3))
FUNCTIONS = (*table_functions(), *POWERS)


def output_format(function, source, guard=0):
    """The format that `choose` takes when arguments of 1/16 to all of the input's range occur, where it is defined."""
    known = function_named(function)
    if known.bound is not None:
        return format_for(known.bound, source.bits)
    edge = min(2.0 ** (source.bits - 1 - source.frac - guard), 20.0 if known.kind != "normalised" else np.inf)
    arguments = edge * np.linspace(1 / 16, 1, 50)
    arguments = {"atanh": np.minimum(arguments, 0.97), "acosh": np.maximum(arguments, 1.5)}.get(function, arguments)
    return format_for(float(np.abs(reference(function)(arguments)).max()), source.bits, guard)


def worst_error(table, integers):
    """Largest error in output LSB where the function lies in the output's range; saturated elsewhere."""
    fmt = table.output
    found = np.clip(table.evaluate(integers), fmt.lowest, fmt.highest)
    with np.errstate(all="ignore"):
        exact = np.ldexp(reference(table.function)(np.ldexp(integers.astype(np.float64), -table.input.frac)), fmt.frac)
    bounded = function_named(table.function).bound is not None
    above = (exact > fmt.highest + 0.5) & (not bounded)
    below = (exact < fmt.lowest - 0.5) & (not bounded)
    pole = np.isinf(exact)
    assert np.all(found[above & ~pole] == fmt.highest)
    assert np.all(found[below & ~pole] == fmt.lowest)
    return float(np.abs(found - exact)[np.isfinite(exact) & ~above & ~below].max(initial=0.0))


def defined(function, source):
    """Whether the input's format holds the point where the function begins."""
    return source.frac >= 0 or function not in ("asin", "atanh", "acosh")


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("integer_bits", [-4, 0, 3, 7, 12])
def test_error_over_all_16_bit_inputs_is_below_the_stated_bound_and_one_lsb(function, integer_bits):
    source = Format(16, 15 - integer_bits)
    table = build_table(function, source, output_format(function, source))
    error = worst_error(table, np.arange(source.lowest, source.highest + 1))
    assert error <= table.worst_error_lsb <= 1.0


@pytest.mark.parametrize("bits", [8, 20, 24, 28, 32])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_error_on_sampled_inputs_is_below_the_stated_bound_and_one_lsb(function, bits):
    generator = np.random.default_rng(bits)
    for integer_bits in (-2, 1, 5, 12):
        source = Format(bits, bits - 1 - integer_bits)
        if not defined(function, source):
            continue
        table = build_table(function, source, output_format(function, source))
        magnitudes = 2 ** generator.integers(0, bits, 20_000)
        near_zero = np.clip(generator.integers(-magnitudes, magnitudes), source.lowest, source.highest)
        everywhere = generator.integers(source.lowest, source.highest + 1, 20_000)
        ends = np.array([source.lowest, source.highest, -1, 0, 1])
        error = worst_error(table, np.concatenate([near_zero, everywhere, ends]))
        assert error <= table.worst_error_lsb <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("integer_bits", [1, 6])
def test_error_over_all_24_bit_inputs_is_below_the_stated_bound(function, integer_bits):
    source = Format(24, 23 - integer_bits)
    table = build_table(function, source, output_format(function, source))
    for start in range(source.lowest, source.highest + 1, 1 << 20):
        assert worst_error(table, np.arange(start, start + (1 << 20))) <= table.worst_error_lsb <= 1.0


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FUNCTIONS),
    st.integers(8, 32),
    st.integers(-12, 14),
    st.integers(0, 2),
    st.integers(0, 2**32 - 1),
)
def test_bound_holds_for_any_width_and_binary_point(function, bits, integer_bits, guard, seed):
    source = Format(bits, bits - 1 - integer_bits)
    assume(defined(function, source))
    table = build_table(function, source, output_format(function, source, guard))
    generator = np.random.default_rng(seed)
    magnitudes = 2 ** generator.integers(0, bits, 500)
    integers = np.clip(generator.integers(-magnitudes, magnitudes), source.lowest, source.highest)
    assert worst_error(table, integers) <= table.worst_error_lsb <= 1.0


def test_reduction_is_exact_over_a_phase_of_thousands_of_turns():
    source = Format(24, 11)  # +-4096 rad
    table = build_table("sin", source, Format(24, 23))
    integers = np.arange(source.highest - 100_000, source.highest + 1)
    assert worst_error(table, integers) <= 1.0


def test_sine_and_cosine_of_one_input_share_phase_and_rom():
    sine, cosine = (build_table(name, Format(24, 17), Format(24, 23)) for name in ("sin", "cos"))
    assert sine.core == cosine.core
    assert sine.scale == cosine.scale


def test_roms_of_24_bits_are_modest():
    for function in FUNCTIONS:
        source = Format(24, 20)
        table = build_table(function, source, output_format(function, source))
        assert len(table.core.c0) <= 1024
        assert describe(table)["rom_bits"] <= 1024 * 64


def test_core_accumulator_fits_64_bits_and_offsets_24():
    for function in FUNCTIONS:
        for bits in (8, 24, 32):
            source = Format(bits, bits - 4)
            core = build_table(function, source, output_format(function, source)).core
            assert core.offset_bits <= 24
            half = 1 << (core.offset_bits - 1)
            for c0, c1, c2 in zip(core.c0, core.c1, core.c2, strict=True):
                largest = abs(c0 << (core.result_shift - 4)) + (abs(c1) + abs(c2) + 1) * half
                assert largest < 2**63


def test_coefficient_widths_hold_the_coefficients():
    assert signed_bits((0,)) == 1
    assert signed_bits((-1, 0)) == 1
    assert signed_bits((1,)) == 2
    assert signed_bits((-128, 127)) == 8
    assert signed_bits((-129,)) == 9


def test_table_names_are_legal_identifiers():
    assert table_name(build_table("tanh", Format(16, -2), Format(16, 15))) == "tanh_16_m2_16_15"
    assert table_name(build_table("pow(-2.5)", Format(16, 8), Format(16, 9))) == "pow_m2p5_16_8_16_9"


def test_description_states_function_size_and_error():
    described = describe(build_table("sin", Format(24, 17), Format(24, 23)))
    assert described["function"] == "sin"
    assert described["segments"] == 128
    assert described["worst_error_lsb"] <= 1.0


def test_saturating_functions_reach_their_limits():
    for function, low, high in (("tanh", -(2**15), 2**15 - 1), ("sigmoid", 0, 2**15 - 1)):
        table = build_table(function, Format(16, 4), Format(16, 15))
        found = np.clip(table.evaluate(np.array([-(2**15), 2**15 - 1])), -(2**15), 2**15 - 1)
        assert found.tolist() == [low, high]


def test_softplus_is_the_identity_far_to_the_right():
    table = build_table("softplus", Format(24, 11), Format(24, 10))
    integers = np.arange(2**22, 2**23 - 1, 4097)
    assert table.evaluate(integers).tolist() == ((integers + 1) >> 1).tolist()


def test_unknown_function_names_the_known():
    with pytest.raises(UserError) as error:
        build_table("tan", Format(24, 17), Format(24, 23))
    assert str(error.value) == (
        f"there is no function table for 'tan'; expected {' | '.join(table_functions())}\nhint: did you mean 'tanh'?"
    )


def test_formats_beyond_64_bits_are_refused():
    with pytest.raises(UserError, match=r"^tensor 'cos_30_20_30_48': the exact result before rounding needs 66 bits"):
        build_table("cos", Format(30, 20), Format(30, 48))


@pytest.mark.parametrize(
    ("function", "argument", "expected"),
    [
        ("reciprocal", 0, 2**15 - 1),
        ("reciprocal", -1, -(2**15)),
        ("log", 0, -(2**15)),
        ("log", -300, -(2**15)),
        ("sqrt", -300, 0),
        ("pow(-0.5)", 0, 2**15 - 1),
        ("pow(-0.5)", -300, 2**15 - 1),
        ("pow(2.75)", -300, 0),
        ("asin", 2**13, round(np.pi / 2 * 2**12)),
        ("asin", -(2**15), -round(np.pi / 2 * 2**12)),
        ("atanh", 2**12, 2**15 - 1),
        ("atanh", -(2**13), -(2**15)),
        ("acosh", 2**11, 0),
    ],
)
def test_results_at_and_beyond_a_singularity(function, argument, expected):
    table = build_table(function, Format(16, 12), Format(16, 12))
    found = np.clip(table.evaluate(np.array([argument])), -(2**15), 2**15 - 1)
    assert found.tolist() == [expected]


@pytest.mark.parametrize(
    ("function", "inside", "outside"),
    [
        ("sqrt", [-1, 0, 1], [-2, -(2**15)]),
        ("log", [-1, 1], [-2]),
        ("pow(0.3)", [-1, 1], [-2]),
        ("acosh", [2**12 - 1, 2**12, 2**15 - 1], [2**12 - 2, 0, -5]),
        ("asin", [2**12 + 1, -(2**12) - 1, 0], [2**12 + 2, -(2**15)]),
        ("atanh", [2**12, 0], [2**12 + 2]),
        ("reciprocal", [0, -5, 7], []),
        ("erf", [-(2**15), 2**15 - 1], []),
        ("sin", [-(2**15), 2**15 - 1], []),
    ],
)
def test_inputs_outside_of_the_domain_by_more_than_one_lsb_are_counted(function, inside, outside):
    table = build_table(function, Format(16, 12), Format(16, 12))
    assert undefined_inputs(table, np.array(inside)) == 0
    assert undefined_inputs(table, np.array([*inside, *outside])) == len(outside)


def test_a_format_without_fraction_bits_does_not_hold_where_a_function_begins():
    with pytest.raises(UserError) as error:
        build_table("acosh", Format(16, -2), Format(16, 8))
    assert str(error.value) == (
        "function 'acosh': the format of its input, 16 bits at binary point -2, cannot hold 1; "
        "expected inputs where the function is defined, from 1 on"
    )


@pytest.mark.parametrize("function", ["asin", "atanh"])
def test_small_arguments_keep_their_relative_accuracy(function):
    source = Format(24, 40)  # within 2**-17
    table = build_table(function, source, Format(24, 40))
    integers = np.arange(source.lowest + 1, source.highest, 9973)
    assert worst_error(table, integers) <= table.worst_error_lsb <= 1.0


@pytest.mark.parametrize("function", ["asin", "atanh"])
@pytest.mark.parametrize(("bits", "target"), [(13, Format(24, 23)), (16, Format(16, 15)), (32, Format(16, 15))])
def test_inputs_within_a_half_have_no_segments_up_to_the_singularity(function, bits, target):
    """-1/2 is the only input of the octave that ends at 1."""
    source = Format(bits, bits)
    table = build_table(function, source, target)
    integers = np.unique(np.linspace(source.lowest, source.highest, 20_001).astype(np.int64))
    assert worst_error(table, integers) <= table.worst_error_lsb <= 1.0
    assert len(table.core.c0) < 4096
