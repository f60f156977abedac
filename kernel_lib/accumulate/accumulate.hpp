// Sums over the rows of an invocation, feature by feature: y[c][feature] = sum of x[c][row][feature].
//
// UNIT (generated, src/sums/*.hpp) gives
//   features, coefficients C
//   accumulator_bits
//   field   which field of the input token is summed as c        (index_list)
//   shift   binary places that the rounding of sum c drops       (index_list)
//
// One loop, II = 1: an iteration reads a token and adds it to its sums; after the last row, an iteration per token
// writes rounded sums. (ROWS + 1) * features / lanes iterations. A sum comes back after features / lanes iterations: up to 4
// tokens of sums are registers, more are a memory, read and written once per iteration.
#ifndef INRARCH_ACCUMULATE_HPP
#define INRARCH_ACCUMULATE_HPP

#include "../common/rounded_sums.hpp"
#include "../common/token.hpp"

namespace inrarch {

template <int ROWS, class UNIT, class IN, class OUT> void accumulate(hls::stream<IN>& in, hls::stream<OUT>& out) {
    constexpr int C = UNIT::coefficients;
    constexpr int words = UNIT::features / IN::lanes;
    constexpr int banks = words <= 4 ? words : 1;
    static_assert(UNIT::features % IN::lanes == 0, "lanes divide the features");
    static_assert(banks <= 4, "more sums are a memory");
    static_assert(OUT::lanes == IN::lanes && OUT::fields == C, "a token of sums for each token");

    ap_int<UNIT::accumulator_bits> sums[words][IN::lanes][C];
#pragma HLS ARRAY_PARTITION variable=sums complete dim=2
#pragma HLS ARRAY_PARTITION variable=sums complete dim=3
#pragma HLS ARRAY_PARTITION variable=sums cyclic factor=banks dim=1
#pragma HLS DEPENDENCE variable=sums type=inter direction=RAW distance=words dependent=true

    int row = 0, word = 0;
    for (int iteration = 0; iteration < (ROWS + 1) * words; ++iteration) {
#pragma HLS PIPELINE II=1
        if (row < ROWS) {
            const IN token = in.read();
            for (int lane = 0; lane < IN::lanes; ++lane) {
#pragma HLS UNROLL
                for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
                    ap_int<UNIT::accumulator_bits> total = 0;
                    if (row > 0) total = sums[word][lane][c];
                    total += token.value[lane][UNIT::field::at(c)];
                    sums[word][lane][c] = total;
                }
            }
        } else {
            OUT token;
            for (int lane = 0; lane < OUT::lanes; ++lane) {
#pragma HLS UNROLL
                rounded_sums<UNIT, 0>::store(sums[word][lane], token.value[lane]);
            }
            out.write(token);
        }
        if (word == words - 1) {
            word = 0;
            ++row;
        } else {
            ++word;
        }
    }
}

}  // namespace inrarch

#endif
