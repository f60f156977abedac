// The end of sums: exact sums become numbers of the result's format, once.
#ifndef INRARCH_COMMON_ROUNDED_SUMS_HPP
#define INRARCH_COMMON_ROUNDED_SUMS_HPP

#include "fixed_point.hpp"

namespace inrarch {

// Rounds the sums of coefficients c, c+1, ... of one feature: their shifts (UNIT::shift) differ, so each is a type of
// its own.
template <class UNIT, int c, bool MORE = (c < UNIT::coefficients)> struct rounded_sums {
    template <int BITS>
    static void store(const ap_int<UNIT::accumulator_bits> (&sum)[UNIT::coefficients],
                      ap_int<BITS> (&result)[UNIT::coefficients]) {
#pragma HLS INLINE
        result[c] = round_shift<BITS, UNIT::shift::at(c)>(sum[c]);
        rounded_sums<UNIT, c + 1>::store(sum, result);
    }
};
template <class UNIT, int c> struct rounded_sums<UNIT, c, false> {
    template <int BITS>
    static void store(const ap_int<UNIT::accumulator_bits> (&)[UNIT::coefficients],
                      ap_int<BITS> (&)[UNIT::coefficients]) {}
};

}  // namespace inrarch

#endif
