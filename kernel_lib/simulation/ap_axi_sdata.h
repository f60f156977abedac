// hls::axis for simulation: one transfer of an AXI4-Stream port without side channels (TUSER, TID, TDEST of 0 bits).
#ifndef INRARCH_SIMULATION_AP_AXI_SDATA_H
#define INRARCH_SIMULATION_AP_AXI_SDATA_H

#include <ap_int.h>

namespace hls {

template <class T, int USER, int ID, int DESTINATION> struct axis;

template <int W> struct axis<ap_int<W>, 0, 0, 0> {
    ap_int<W> data;
    ap_uint<(W + 7) / 8> keep;
    ap_uint<(W + 7) / 8> strb;
    ap_uint<1> last;
};

}  // namespace hls

#endif
