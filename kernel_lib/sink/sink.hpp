// Stream to port: sends chosen fields of every feature as words of a port, feature by feature; TLAST on the very last
// word.
//
// One loop, one port word per iteration, II = 1; a token is read in the iteration that sends the first of its words.
// OUTPUTS: the fields to send, in order. ROWS * FEATURES * OUTPUTS::size iterations.
#ifndef INRARCH_SINK_HPP
#define INRARCH_SINK_HPP

#include "../common/token.hpp"

namespace inrarch {

template <int ROWS, int FEATURES, class OUTPUTS, class TOKEN> void sink(hls::stream<TOKEN>& in, port_stream& port) {
    static_assert(FEATURES % TOKEN::lanes == 0, "lanes divide the features");
    constexpr int words = ROWS * FEATURES * OUTPUTS::size;
    TOKEN token;
    int lane = 0;
    int output = 0;
    for (int word = 0; word < words; ++word) {
#pragma HLS PIPELINE II=1
        if (lane == 0 && output == 0) token = in.read();
        port_word sent;
        sent.data = token.value[lane][OUTPUTS::at(output)];
        sent.keep = -1;
        sent.strb = -1;
        sent.last = word == words - 1;
        port.write(sent);
        if (output == OUTPUTS::size - 1) {
            output = 0;
            lane = lane == TOKEN::lanes - 1 ? 0 : lane + 1;
        } else {
            ++output;
        }
    }
}

}  // namespace inrarch

#endif
