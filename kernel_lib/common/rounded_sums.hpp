// The end of a matrix product: exact sums become numbers of the result's format, once.
#ifndef INRARCH_COMMON_ROUNDED_SUMS_HPP
#define INRARCH_COMMON_ROUNDED_SUMS_HPP

#include "fixed_point.hpp"

namespace inrarch {

// Rounds the sums of coefficients c, c+1, ... of one output: their shifts differ, so each is a type of its own.
template <class UNIT, int c, bool MORE = (c < UNIT::coefficients)> struct rounded_sums {
    static void store(const ap_int<UNIT::accumulator_bits> (&sum)[UNIT::coefficients],
                      ap_int<UNIT::data_bits> (&result)[UNIT::coefficients]) {
#pragma HLS INLINE
        result[c] = round_shift<UNIT::data_bits, UNIT::shift::at(c)>(sum[c]);
        rounded_sums<UNIT, c + 1>::store(sum, result);
    }
};
template <class UNIT, int c> struct rounded_sums<UNIT, c, false> {
    static void store(const ap_int<UNIT::accumulator_bits> (&)[UNIT::coefficients],
                      ap_int<UNIT::data_bits> (&)[UNIT::coefficients]) {}
};

}  // namespace inrarch

#endif
