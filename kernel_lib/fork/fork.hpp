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

// The fields of a token that a reader needs, by their places: one index_list per output.
template <class FIELDS, class TOKEN, class OUT> int write_fields(const TOKEN& token, hls::stream<OUT>& out) {
#pragma HLS INLINE
    static_assert(OUT::lanes == TOKEN::lanes && OUT::fields == FIELDS::size, "the output carries the fields");
    OUT chosen;
    for (int lane = 0; lane < OUT::lanes; ++lane) {
#pragma HLS UNROLL
        for (int field = 0; field < OUT::fields; ++field) {
#pragma HLS UNROLL
            chosen.value[lane][field] = token.value[lane][FIELDS::at(field)];
        }
    }
    out.write(chosen);
    return 0;
}

template <int TOKENS, class... FIELDS, class TOKEN, class... OUTPUTS>
void fork_fields(hls::stream<TOKEN>& in, OUTPUTS&... out) {
    for (int count = 0; count < TOKENS; ++count) {
#pragma HLS PIPELINE II=1
        const TOKEN token = in.read();
        const int in_order[] = {write_fields<FIELDS>(token, out)...};
        (void)in_order;
    }
}

}  // namespace inrarch

#endif
