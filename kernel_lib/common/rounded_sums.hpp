// The end of sums: exact sums become numbers of the result's format, once.
#ifndef INRARCH_COMMON_ROUNDED_SUMS_HPP
#define INRARCH_COMMON_ROUNDED_SUMS_HPP

#include "fixed_point.hpp"

namespace inrarch {

// The largest and the least shift of coefficients c, c + LANES, c + 2 * LANES, ...
template <class UNIT, int LANES> constexpr int largest_shift(int c) {
    return c + LANES < UNIT::coefficients ? larger(UNIT::shift::at(c), largest_shift<UNIT, LANES>(c + LANES))
                                          : UNIT::shift::at(c);
}
template <class UNIT, int LANES> constexpr int least_shift(int c) {
    return c + LANES < UNIT::coefficients ? -larger(-UNIT::shift::at(c), -least_shift<UNIT, LANES>(c + LANES))
                                          : UNIT::shift::at(c);
}

// Rounds sum[lane], sum[lane + 1], ... of one feature: those of coefficients turn * LANES + lane. Shifts (UNIT::shift)
// differ, so each lane is a type of its own. Coefficients that take turns on a lane share its rounding: their sums are
// brought to one binary point first, exactly.
template <class UNIT, int lane, int LANES = UNIT::coefficients, bool MORE = (lane < LANES)> struct rounded_sums {
    static constexpr int turns = blocks(UNIT::coefficients - lane, LANES);
    static constexpr int shift = largest_shift<UNIT, LANES>(lane);
    using aligned_sum = ap_int<UNIT::accumulator_bits + shift - least_shift<UNIT, LANES>(lane)>;

    template <int BITS>
    static void store(const ap_int<UNIT::accumulator_bits> (&sum)[LANES], ap_int<BITS> (&result)[UNIT::coefficients],
                      int turn = 0) {
#pragma HLS INLINE
        aligned_sum aligned = 0;
        for (int k = 0; k < turns; ++k) {
#pragma HLS UNROLL
            if (k == turn) aligned = aligned_sum(sum[lane]) << (shift - UNIT::shift::at(k * LANES + lane));
        }
        const ap_int<BITS> rounded = round_shift<BITS, shift>(aligned);
        for (int k = 0; k < turns; ++k) {
#pragma HLS UNROLL
            if (k == turn) result[k * LANES + lane] = rounded;
        }
        rounded_sums<UNIT, lane + 1, LANES>::store(sum, result, turn);
    }
};
template <class UNIT, int lane, int LANES> struct rounded_sums<UNIT, lane, LANES, false> {
    template <int BITS>
    static void store(const ap_int<UNIT::accumulator_bits> (&)[LANES], ap_int<BITS> (&)[UNIT::coefficients], int) {}
};

}  // namespace inrarch

#endif
