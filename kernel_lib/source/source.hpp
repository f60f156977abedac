// Port to stream: collects LANES words of a port into a token with one field.
//
// One loop, one port word per iteration, II = 1; the token of features LANES*t ... is written in the iteration that
// reads the last of its words. ROWS * FEATURES iterations.
#ifndef INRARCH_SOURCE_HPP
#define INRARCH_SOURCE_HPP

#include "../common/token.hpp"

namespace inrarch {

template <int ROWS, int FEATURES, class TOKEN> void source(port_stream& port, hls::stream<TOKEN>& out) {
    static_assert(TOKEN::fields == 1, "a port carries one tensor");
    static_assert(FEATURES % TOKEN::lanes == 0, "lanes divide the features");
    TOKEN token;
    int lane = 0;
    for (int word = 0; word < ROWS * FEATURES; ++word) {
#pragma HLS PIPELINE II=1
        token.value[lane][0] = port.read().data;
        if (lane == TOKEN::lanes - 1) {
            out.write(token);
            lane = 0;
        } else {
            ++lane;
        }
    }
}

}  // namespace inrarch

#endif
