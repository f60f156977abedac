// Functions: exact range reduction around the polynomial core. The definition is
// inrarch/numeric/reductions.py; these equal it to the last bit. TABLE is generated (tables/*.hpp) for one function and one pair of formats.
#ifndef INRARCH_COMMON_FUNCTIONS_HPP
#define INRARCH_COMMON_FUNCTIONS_HPP

#include "polynomial.hpp"

namespace inrarch {

// X times a real constant, as (X >> split) * high + (X mod 2^split) * low; exact, or modulo 2^W where the caller keeps
// W bits.
template <class TABLE, int W> ap_int<W> scaled(const ap_int<TABLE::input_bits>& x) {
#pragma HLS INLINE
    const ap_int<TABLE::input_bits> upper = x >> TABLE::split;
    const ap_uint<TABLE::input_bits> lower = x & ((ap_int<TABLE::input_bits + 1>(1) << TABLE::split) - 1);
    const ap_int<W> high_product = upper * TABLE::high();
    const ap_int<W> low_product = lower * TABLE::low();
    return high_product + low_product;
}

// The argument of sin and cos in turns, modulo 1: a fraction of turn_bits bits. One for both functions of an argument.
template <class TABLE> ap_uint<TABLE::turn_bits> turns(const ap_int<TABLE::input_bits>& x) {
#pragma HLS INLINE
    const ap_uint<TABLE::phase_bits> phase = scaled<TABLE, TABLE::phase_bits>(x);
    return phase >> (TABLE::phase_bits - TABLE::turn_bits);
}

template <class TABLE> typename TABLE::output sine_of_turns(const ap_uint<TABLE::turn_bits>& turn) {
#pragma HLS INLINE
    using core = polynomial<typename TABLE::core>;
    constexpr int quarter_bits = TABLE::turn_bits - 2;
    const ap_uint<2> quadrant = turn >> quarter_bits;
    const ap_uint<quarter_bits> rising = turn;
    const ap_uint<quarter_bits> falling = ~rising;
    const ap_uint<quarter_bits> t = (quadrant & 1) != 0 ? falling : rising;
    const ap_int<core::result_bits> magnitude = core::evaluate(t);
    const ap_int<core::result_bits + 1> negative = -magnitude;
    const ap_int<core::result_bits + 1> positive = magnitude;
    const ap_int<core::result_bits + 1> result = (quadrant & 2) != 0 ? negative : positive;
    return typename TABLE::output(saturate<TABLE::output::bits>(result));
}

template <class TABLE> typename TABLE::output cosine_of_turns(const ap_uint<TABLE::turn_bits>& turn) {
#pragma HLS INLINE
    const ap_uint<TABLE::turn_bits> shifted = turn + (ap_uint<TABLE::turn_bits>(1) << (TABLE::turn_bits - 2));
    return sine_of_turns<TABLE>(shifted);
}

// Argument of a function that is constant outside of a window around 0.
template <class TABLE>
ap_uint<polynomial<typename TABLE::core>::argument_bits> window(const ap_int<TABLE::input_bits>& x) {
#pragma HLS INLINE
    constexpr int bits = TABLE::half_window_bits + 1;
    constexpr int left = TABLE::drop < 0 ? -TABLE::drop : 0;
    const ap_int<bits> clipped = saturate<bits>(x);
    const ap_uint<bits> t = clipped + (ap_int<bits + 1>(1) << TABLE::half_window_bits);
    return ap_uint<bits + left>(t >> (TABLE::drop > 0 ? TABLE::drop : 0)) << left;
}

// sigmoid.
template <class TABLE> typename TABLE::output windowed(const ap_int<TABLE::input_bits>& x) {
#pragma HLS INLINE
    using core = polynomial<typename TABLE::core>;
    const ap_int<core::result_bits> result = core::evaluate(window<TABLE>(x));
    return typename TABLE::output(saturate<TABLE::output::bits>(result));
}

// max(x, 0) and a windowed rest, added before the rounding.
template <class TABLE> typename TABLE::output softplus(const ap_int<TABLE::input_bits>& x) {
#pragma HLS INLINE
    using core = polynomial<typename TABLE::core>;
    constexpr int left = TABLE::linear_shift > 0 ? TABLE::linear_shift : 0;
    constexpr int right = TABLE::linear_shift < 0 ? -TABLE::linear_shift : 0;
    constexpr int linear_bits = TABLE::input_bits + left;
    constexpr int bits = larger(core::sum_bits, linear_bits) + 1;
    const ap_int<TABLE::input_bits> limit = TABLE::linear_max();
    const ap_int<TABLE::input_bits> positive = x < 0 ? ap_int<TABLE::input_bits>(0) : x > limit ? limit : x;
    const ap_int<linear_bits> linear = (ap_int<linear_bits>(positive) << left) >> right;
    const ap_int<bits> sum = core::accumulate(window<TABLE>(x)) + linear;
    const ap_int<bits> result = sum >> TABLE::core::result_shift;
    return typename TABLE::output(saturate<TABLE::output::bits>(result));
}

// exp(x) = 2^n * 2^r: the core gives 2^r for r in [0, 1).
template <class TABLE> typename TABLE::output exponential(const ap_int<TABLE::input_bits>& x) {
#pragma HLS INLINE
    using core = polynomial<typename TABLE::core>;
    const ap_int<TABLE::input_bits> lowest = TABLE::lowest();
    const ap_int<TABLE::input_bits> highest = TABLE::highest();
    const ap_int<TABLE::input_bits> clipped = x < lowest ? lowest : x > highest ? highest : x;
    const ap_int<64> z = scaled<TABLE, 64>(clipped);
    const ap_int<64 - TABLE::scale_frac> n = z >> TABLE::scale_frac;
    const ap_uint<TABLE::scale_frac> fraction = z;
    const ap_uint<core::argument_bits> t = fraction >> (TABLE::scale_frac - core::argument_bits);
    const ap_int<core::result_bits> mantissa = core::evaluate(t);
    // A shift by all bits of the mantissa or more gives 0.
    constexpr int most = core::result_bits;
    const ap_int<66 - TABLE::scale_frac> wanted = (TABLE::core_frac - TABLE::output::frac) - n;
    const int shift = wanted < 0 ? 0 : wanted > most ? most : wanted.to_int();
    const ap_int<core::result_bits + 2> half = (ap_int<core::result_bits + 2>(1) << shift) >> 1;
    const ap_int<core::result_bits + 3> rounded = (mantissa + half) >> shift;
    return typename TABLE::output(saturate<TABLE::output::bits>(rounded));
}

// Bits of an unsigned number: 1 + the place of its leading one, 0 for 0.
template <int W> int bit_length(const ap_uint<W>& v) {
#pragma HLS INLINE
    int bits = 0;
    for (int place = 0; place < W; ++place) {
#pragma HLS UNROLL
        if (((v >> place) & 1) != 0) bits = place + 1;
    }
    return bits;
}

// Functions of the distance from a base, in octaves; the first linear_bits octaves are one region.
template <class TABLE> typename TABLE::output folded(const ap_int<TABLE::input_bits>& x) {
#pragma HLS INLINE
    using core = polynomial<typename TABLE::core>;
    constexpr int bits = TABLE::magnitude_bits;
    constexpr int rest_bits = TABLE::core::rest_bits + TABLE::parts_bits;
    const ap_int<bits> wide = x;
    const ap_int<bits> magnitude = TABLE::symmetry != 0 && x < 0 ? ap_int<bits>(-wide) : wide;
    const ap_int<bits> lowest = TABLE::lowest();
    const ap_int<bits> highest = TABLE::highest();
    const ap_int<bits> base = TABLE::base();
    const ap_int<bits> clamped = magnitude < lowest ? lowest : magnitude > highest ? highest : magnitude;
    const ap_uint<TABLE::distance_bits> d = TABLE::falling ? base - clamped : clamped - base;
    const int length = bit_length(d);
    const bool linear = length <= TABLE::linear_bits;
    const int below = linear ? TABLE::linear_bits : length - 1;
    const ap_uint<core::argument_bits> octave = linear ? 0 : length - TABLE::linear_bits;
    // The leading one is shifted out; the linear region has none.
    const ap_uint<rest_bits> rest = ap_uint<rest_bits + 1>(d) << (rest_bits - below);
    const ap_uint<core::argument_bits> t = (octave << rest_bits) | rest;
    const ap_int<core::sum_bits> sum = core::accumulate(t);
    constexpr int total_bits = larger(core::sum_bits, TABLE::core::result_shift + 2) + 1;
    const ap_int<total_bits> mirrored = (ap_int<total_bits>(1) << TABLE::core::result_shift) - sum;
    const ap_int<total_bits> total = TABLE::symmetry < 0 && x < 0 ? mirrored : ap_int<total_bits>(sum);
    const ap_int<total_bits - TABLE::core::result_shift> result = total >> TABLE::core::result_shift;
    return typename TABLE::output(saturate<TABLE::output::bits>(result));
}

// Powers -1, -1/2, 1/2 and log of 2^e * (1 + r): one octave of r, then an exact shift or an added constant of e.
template <class TABLE> typename TABLE::output normalised(const ap_int<TABLE::input_bits>& x) {
#pragma HLS INLINE
    using core = polynomial<typename TABLE::core>;
    constexpr int rest_bits = TABLE::core::rest_bits;
    using wide = ap_int<TABLE::input_bits + 1>;
    const wide negated = TABLE::odd ? wide(-x) : wide(0);
    const ap_uint<TABLE::input_bits> d = x < 0 ? negated : wide(x);
    const int length = bit_length(d);
    const int below = length > 0 ? length - 1 : 0;
    const ap_uint<rest_bits> rest = ap_uint<rest_bits + 1>(d) << (rest_bits - below);
    const ap_uint<1> half = TABLE::halves ? length & 1 : 0;
    const ap_uint<core::argument_bits> t = (ap_uint<core::argument_bits + 1>(half) << rest_bits) | rest;
    constexpr int total_bits = larger(core::sum_bits, TABLE::offset_bits) + 1;
    constexpr int mantissa_bits = total_bits - TABLE::core::result_shift;
    const ap_int<total_bits> total = core::accumulate(t) + TABLE::offset(length);
    const ap_int<mantissa_bits> mantissa = total >> TABLE::core::result_shift;
    // A shift by all bits of the mantissa or more gives 0.
    const int wanted = TABLE::shift(length).to_int();
    const int shift = wanted > mantissa_bits ? mantissa_bits : wanted;
    const ap_int<mantissa_bits + 2> rounding_half = (ap_int<mantissa_bits + 2>(1) << shift) >> 1;
    const ap_int<mantissa_bits + 3> rounded = (mantissa + rounding_half) >> shift;
    constexpr int result_bits = larger(mantissa_bits + 3, TABLE::output::bits + 2);
    const ap_int<result_bits> at_zero = TABLE::at_zero();
    const ap_int<result_bits> positive = length == 0 ? at_zero : ap_int<result_bits>(rounded);
    const ap_int<result_bits + 1> negative = -positive;
    const ap_int<result_bits + 1> result = TABLE::odd && x < 0 ? negative : ap_int<result_bits + 1>(positive);
    return typename TABLE::output(saturate<TABLE::output::bits>(result));
}

}  // namespace inrarch

#endif
