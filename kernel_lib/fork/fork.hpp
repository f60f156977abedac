// One stream to several readers: every token goes to each output. One token per iteration, II = 1.
#ifndef INRARCH_FORK_HPP
#define INRARCH_FORK_HPP

#include "../common/token.hpp"

namespace inrarch {

template <int TOKENS, class TOKEN, class... OUTPUTS> void fork(hls::stream<TOKEN>& in, OUTPUTS&... out) {
    for (int count = 0; count < TOKENS; ++count) {
#pragma HLS PIPELINE II=1
        const TOKEN token = in.read();
        // The braces fix the order of the writes.
        const int in_order[] = {(out.write(token), 0)...};
        (void)in_order;
    }
}

}  // namespace inrarch

#endif
