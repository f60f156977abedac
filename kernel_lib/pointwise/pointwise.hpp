// A fused region of elementwise operations on jets: one token of each input to one token, every INTERVAL cycles.
//
// Where INTERVAL > 1, operations share operators: all lanes together get at most MULTIPLIERS of multiplications.
//
// REGION is generated (src/regions/*.hpp) and gives
//   struct inputs { token types };                                 read in this order
//   static void apply(const inputs&, int feature, int lane, OUT&); the expression of one feature with all its
//     coefficients
#ifndef INRARCH_POINTWISE_HPP
#define INRARCH_POINTWISE_HPP

#include "../common/token.hpp"

namespace inrarch {

template <int ROWS, int FEATURES, int INTERVAL, int MULTIPLIERS, class REGION, class OUT, class... IN>
void pointwise(hls::stream<OUT>& out, IN&... in) {
    static_assert(FEATURES % OUT::lanes == 0, "lanes divide the features");
    int feature = 0;
    for (int count = 0; count < ROWS * (FEATURES / OUT::lanes); ++count) {
#pragma HLS PIPELINE II=INTERVAL
#pragma HLS ALLOCATION operation instances=mul limit=MULTIPLIERS
        // The braces fix the order of the reads.
        const typename REGION::inputs tokens{in.read()...};
        OUT token;
        for (int lane = 0; lane < OUT::lanes; ++lane) {
#pragma HLS UNROLL
            REGION::apply(tokens, feature + lane, lane, token);
        }
        out.write(token);
        feature = feature == FEATURES - OUT::lanes ? 0 : feature + OUT::lanes;
    }
}

}  // namespace inrarch

#endif
