// The core of every function table: segments of degree-2 polynomials on a reduced argument.
// The definition is inrarch/numeric/polynomial.py; this equals it to the last bit.
//
// CORE (generated, tables/*.hpp) gives
//   region_bits, rest_bits, drop_bits, slope_shift, result_shift, c0_bits, c1_bits, c2_bits, address_bits, max_shift:
//     integers
//   shift(region), base(region): per region; c0(address), c1(address), c2(address): the coefficients' read-only
//     memories
#ifndef INRARCH_COMMON_POLYNOMIAL_HPP
#define INRARCH_COMMON_POLYNOMIAL_HPP

#include "fixed_point.hpp"

namespace inrarch {

template <class CORE> struct polynomial {
    static constexpr int guard_bits = 4;  // of c0, below the result's last bit
    static constexpr int argument_bits = CORE::region_bits + CORE::rest_bits;
    static constexpr int offset_bits = CORE::rest_bits - CORE::drop_bits;
    static constexpr int curve_bits = CORE::c2_bits + offset_bits + 1;
    static constexpr int slope_bits = larger(CORE::c1_bits, curve_bits - CORE::slope_shift) + 1;
    static constexpr int constant_shift = CORE::result_shift - guard_bits;
    static constexpr int sum_bits = larger(CORE::c0_bits + constant_shift, slope_bits + offset_bits) + 1;
    static constexpr int result_bits = sum_bits - CORE::result_shift;

    // The function at argument t, half a last bit added: shift right by result_shift to round.
    static ap_int<sum_bits> accumulate(const ap_uint<argument_bits>& t) {
#pragma HLS INLINE
        const ap_uint<CORE::rest_bits> mask = ~ap_uint<CORE::rest_bits>(0);
        const ap_uint<CORE::region_bits + 1> region = t >> CORE::rest_bits;
        const ap_uint<CORE::rest_bits> rest = t & mask;
        const ap_uint<CORE::rest_bits + CORE::max_shift> v = ap_uint<CORE::rest_bits + CORE::max_shift>(rest)
                                                             << CORE::shift(region.to_int());
        const ap_uint<CORE::address_bits> segment = v >> CORE::rest_bits;
        const ap_uint<CORE::address_bits> address = CORE::base(region.to_int()) + segment;
        const ap_uint<CORE::rest_bits> place = v & mask;
        const ap_int<offset_bits> d =
            ap_int<offset_bits + 1>(place >> CORE::drop_bits) - (ap_int<offset_bits + 1>(1) << (offset_bits - 1));
        const int word = address.to_int();
        const ap_int<CORE::c0_bits> c0 = CORE::c0(word);
        const ap_int<CORE::c1_bits> c1 = CORE::c1(word);
        const ap_int<CORE::c2_bits> c2 = CORE::c2(word);
        const ap_int<curve_bits> curve = c2 * d + (ap_int<curve_bits - 1>(1) << (CORE::slope_shift - 1));
        const ap_int<slope_bits> slope = c1 + (curve >> CORE::slope_shift);
        return (ap_int<sum_bits>(c0) << constant_shift) + slope * d;
    }

    static ap_int<result_bits> evaluate(const ap_uint<argument_bits>& t) {
#pragma HLS INLINE
        return accumulate(t) >> CORE::result_shift;
    }
};

}  // namespace inrarch

#endif
