// Sums of consecutive elements: y[c][k] = sum of x[c][k*n] ... x[c][k*n + n-1], exact, rounded once.
//
// UNIT (generated, src/sums/*.hpp) gives
//   tokens           input tokens that are added up
//   coefficients C   sums of a token
//   accumulator_bits
//   field            which field of the input token is summed as c    (index_list)
//   shift            binary places that the rounding of sum c drops   (index_list)
//
// One loop, II = 1: an iteration reads a token; with the last term of the last lane of an output token, it writes that.
// SUMS * tokens iterations.
#ifndef INRARCH_REDUCE_HPP
#define INRARCH_REDUCE_HPP

#include "../common/rounded_sums.hpp"
#include "../common/token.hpp"

namespace inrarch {

template <int SUMS, class UNIT, class IN, class OUT> void reduce(hls::stream<IN>& in, hls::stream<OUT>& out) {
    static_assert(OUT::fields == UNIT::coefficients, "the output carries the unit's sums");
    static_assert(SUMS % OUT::lanes == 0, "lanes divide the sums");
    ap_int<UNIT::accumulator_bits> sum[UNIT::coefficients];
#pragma HLS ARRAY_PARTITION variable=sum complete
    OUT result;
    int part = 0, lane = 0;
    for (long iteration = 0; iteration < long(SUMS) * UNIT::tokens; ++iteration) {
#pragma HLS PIPELINE II=1
        const IN token = in.read();
        for (int c = 0; c < UNIT::coefficients; ++c) {
#pragma HLS UNROLL
            ap_int<UNIT::accumulator_bits> total = 0;
            if (part > 0) total = sum[c];
            for (int i = 0; i < IN::lanes; ++i) {
#pragma HLS UNROLL
                total += token.value[i][UNIT::field::at(c)];
            }
            sum[c] = total;
        }
        if (part == UNIT::tokens - 1) {
            part = 0;
            rounded_sums<UNIT, 0>::store(sum, result.value[lane]);
            if (lane == OUT::lanes - 1) {
                lane = 0;
                out.write(result);
            } else {
                ++lane;
            }
        } else {
            ++part;
        }
    }
}

}  // namespace inrarch

#endif
