// What streams carry, and what read-only memories hold.
#ifndef INRARCH_COMMON_TOKEN_HPP
#define INRARCH_COMMON_TOKEN_HPP

#include <ap_axi_sdata.h>
#include <ap_int.h>
#include <hls_stream.h>

#include <cstdint>
#include <type_traits>

namespace inrarch {

// A token: LANES consecutive features of one row, each with all FIELDS of its jet (Taylor coefficients).
template <int BITS, int LANES, int FIELDS> struct jet_token {
    static constexpr int bits = BITS;
    static constexpr int lanes = LANES;
    static constexpr int fields = FIELDS;
    ap_int<BITS> value[LANES][FIELDS];
};

// One transfer of a port: a sign-extended integer.
using port_word = hls::axis<ap_int<32>, 0, 0, 0>;
using port_stream = hls::stream<port_word>;

// A signed word of a read-only memory, initialised from a plain integer. Plain in simulation, where a compiler would
// spend seconds on the constructors of a large table.
#ifdef INRARCH_SIMULATION
template <int BITS> using rom_word = std::conditional_t<(BITS <= 32), std::int32_t, std::int64_t>;
#else
template <int BITS> using rom_word = ap_int<BITS>;
#endif

// The same for a number >= 0 of BITS bits that is an index, a flag or a set of flags.
#ifdef INRARCH_SIMULATION
template <int BITS> using rom_index = std::int32_t;
#else
template <int BITS> using rom_index = ap_uint<BITS>;
#endif

// A list of integers as a template argument: one per jet coefficient.
template <int... VALUES> struct index_list {
    static constexpr int size = sizeof...(VALUES);
    static constexpr int at(int place) {
        constexpr int values[] = {VALUES...};
        return values[place];
    }
};

}  // namespace inrarch

#endif
