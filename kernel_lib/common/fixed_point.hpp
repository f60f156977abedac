// Fixed-point primitives. The definition is inrarch/numeric/arithmetic.py; these equal it to the last bit.
//
// Every operation is exact inside, rounds once (to nearest, ties to +infinity) and saturates to the signed range of
// its result.
#ifndef INRARCH_COMMON_FIXED_POINT_HPP
#define INRARCH_COMMON_FIXED_POINT_HPP

#include <ap_int.h>

namespace inrarch {

// value = raw * 2^-FRAC. FRAC may be negative or larger than BITS.
template <int BITS, int FRAC> struct fixed {
    static constexpr int bits = BITS;
    static constexpr int frac = FRAC;
    ap_int<BITS> raw;
    fixed() = default;
    explicit fixed(const ap_int<BITS>& integer) : raw(integer) {}
};

constexpr int larger(int a, int b) { return a > b ? a : b; }
constexpr int blocks(int items, int per_block) { return (items + per_block - 1) / per_block; }

// Clip to BITS signed bits.
template <int BITS, int W, bool NARROWER = (BITS < W)> struct saturation {
    static ap_int<BITS> of(const ap_int<W>& v) { return v; }
};
template <int BITS, int W> struct saturation<BITS, W, true> {
    static ap_int<BITS> of(const ap_int<W>& v) {
        const ap_int<W> low = -(ap_int<W>(1) << (BITS - 1));
        const ap_int<W> high = ~low;
        return v < low ? ap_int<BITS>(low) : v > high ? ap_int<BITS>(high) : ap_int<BITS>(v);
    }
};
template <int BITS, int W> ap_int<BITS> saturate(const ap_int<W>& v) {
#pragma HLS INLINE
    return saturation<BITS, W>::of(v);
}

// floor(v / 2^SHIFT + 1/2), clipped to BITS bits. A negative SHIFT is an exact shift to the left.
enum class shift_kind { left, right, away };
template <int BITS, int SHIFT, int W,
          shift_kind KIND = (SHIFT <= 0 ? shift_kind::left : SHIFT < W ? shift_kind::right : shift_kind::away)>
struct rounding;
template <int BITS, int SHIFT, int W> struct rounding<BITS, SHIFT, W, shift_kind::left> {
    static ap_int<BITS> of(const ap_int<W>& v) {
        const ap_int<W - SHIFT> shifted = ap_int<W - SHIFT>(v) << -SHIFT;
        return saturate<BITS>(shifted);
    }
};
template <int BITS, int SHIFT, int W> struct rounding<BITS, SHIFT, W, shift_kind::right> {
    static ap_int<BITS> of(const ap_int<W>& v) {
        const ap_int<W + 1> half_added = v + (ap_int<W>(1) << (SHIFT - 1));
        const ap_int<W + 1 - SHIFT> shifted = half_added >> SHIFT;
        return saturate<BITS>(shifted);
    }
};
template <int BITS, int SHIFT, int W> struct rounding<BITS, SHIFT, W, shift_kind::away> {
    static ap_int<BITS> of(const ap_int<W>&) { return 0; }
};
template <int BITS, int SHIFT, int W> ap_int<BITS> round_shift(const ap_int<W>& v) {
#pragma HLS INLINE
    return rounding<BITS, SHIFT, W>::of(v);
}

// The same number in another format.
template <class R, int BITS, int FRAC> R rescale(const fixed<BITS, FRAC>& x) {
#pragma HLS INLINE
    return R(round_shift<R::bits, FRAC - R::frac>(x.raw));
}

// Two operands at the finer of their binary points, exactly.
template <class A, class B> struct aligned {
    static constexpr int frac = larger(A::frac, B::frac);
    static constexpr int bits = larger(A::bits + frac - A::frac, B::bits + frac - B::frac);
    static ap_int<bits> left(const A& a) { return ap_int<bits>(a.raw) << (frac - A::frac); }
    static ap_int<bits> right(const B& b) { return ap_int<bits>(b.raw) << (frac - B::frac); }
};

template <class R, class A, class B> R add(const A& a, const B& b) {
#pragma HLS INLINE
    using both = aligned<A, B>;
    const ap_int<both::bits + 1> sum = both::left(a) + both::right(b);
    return R(round_shift<R::bits, both::frac - R::frac>(sum));
}

template <class R, class A, class B> R subtract(const A& a, const B& b) {
#pragma HLS INLINE
    using both = aligned<A, B>;
    const ap_int<both::bits + 1> difference = both::left(a) - both::right(b);
    return R(round_shift<R::bits, both::frac - R::frac>(difference));
}

template <class R, class A, class B> R multiply(const A& a, const B& b) {
#pragma HLS INLINE
    const ap_int<A::bits + B::bits> product = a.raw * b.raw;
    return R(round_shift<R::bits, A::frac + B::frac - R::frac>(product));
}

template <class R, class A> R negate(const A& a) {
#pragma HLS INLINE
    const ap_int<A::bits + 1> negative = -a.raw;
    return R(round_shift<R::bits, A::frac - R::frac>(negative));
}

template <class R, class A> R relu(const A& a) {
#pragma HLS INLINE
    return rescale<R>(a.raw < 0 ? A(0) : a);
}

template <class R, class A> R absolute(const A& a) {
#pragma HLS INLINE
    const ap_int<A::bits + 1> magnitude = a.raw < 0 ? ap_int<A::bits + 1>(-a.raw) : ap_int<A::bits + 1>(a.raw);
    return R(round_shift<R::bits, A::frac - R::frac>(magnitude));
}

// The whole numbers of a value at binary point 0: below it, and nearest to it with ties to even.
template <class A, bool FRACTION = (A::frac > 0)> struct whole_numbers {
    static constexpr int bits = A::bits - A::frac;
    static ap_int<bits> below(const A& a) { return ap_int<bits>(a.raw) << -A::frac; }
    static ap_int<bits> nearest(const A& a) { return below(a); }
};
template <class A> struct whole_numbers<A, true> {
    static constexpr int bits = A::bits + 1;
    static constexpr int shift = A::frac < A::bits ? A::frac : A::bits;
    static ap_int<bits> below(const A& a) { return ap_int<bits>(a.raw) >> shift; }
    static ap_int<bits> nearest(const A& a) {
        if (A::frac > A::bits) return 0;  // within 1/2 of 0
        const ap_int<bits + 1> raised = ap_int<bits + 1>(a.raw) + (ap_int<bits + 1>(1) << (shift - 1));
        const ap_int<bits> whole = raised >> shift;
        const bool tie = ap_int<bits + 1>(ap_int<bits + 1>(whole) << shift) == raised;
        return tie && (whole & 1) != 0 ? ap_int<bits>(whole - 1) : whole;
    }
};

template <class R, class A> R round_down(const A& a) {
#pragma HLS INLINE
    return R(round_shift<R::bits, -R::frac>(whole_numbers<A>::below(a)));
}

template <class R, class A> R round_to_even(const A& a) {
#pragma HLS INLINE
    return R(round_shift<R::bits, -R::frac>(whole_numbers<A>::nearest(a)));
}

template <class A, class B> bool equal(const A& a, const B& b) {
#pragma HLS INLINE
    using both = aligned<A, B>;
    return both::left(a) == both::right(b);
}

template <class A, class B> bool greater(const A& a, const B& b) {
#pragma HLS INLINE
    using both = aligned<A, B>;
    return both::left(a) > both::right(b);
}

// Each operand is brought to the result's format on its own, then one is chosen.
template <class R, class A, class B> R select(bool condition, const A& a, const B& b) {
#pragma HLS INLINE
    const R first = rescale<R>(a);
    const R second = rescale<R>(b);
    return condition ? first : second;
}

}  // namespace inrarch

#endif
