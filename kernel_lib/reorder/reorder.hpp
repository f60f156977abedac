// Elements in another order: every number of every output token is a fixed number of an input row, or a constant.
//
// UNIT (generated, src/reorders/*.hpp) gives
//   step T, lag     iterations per row of the batch, and from the reads of a row to its writes
//   writes          output tokens per row
//   reads           tokens per row of each input                      (index_list)
//   take(input<i>, token, place)  stores the numbers that are needed of a token; memories hold two rows
//   give(token, bank, out)        fetches and rounds the numbers of an output token, by a memory of addresses
//
// One loop, II = 1. Iteration s*T + t reads the tokens of row s that are due, and writes those of the row that began
// `lag` iterations ago; both are spread evenly: token k of n in iteration ceil(k*T/n) of its row. The lag is at most T, so
// two rows of memory are enough, and at least so long that a number is stored in an earlier iteration than it is used.
#ifndef INRARCH_REORDER_HPP
#define INRARCH_REORDER_HPP

#include "../common/fixed_point.hpp"
#include "../common/token.hpp"

namespace inrarch {

template <int NUMBER> struct input {};

// Reads of the inputs NUMBER, NUMBER + 1, ... that are due in an iteration.
template <int NUMBER, class UNIT> struct due_reads {
    static void run(UNIT&, int*, int*, bool, int) {}
    template <class FIRST, class... REST>
    static void run(UNIT& unit, int* phase, int* token, bool active, int bank, hls::stream<FIRST>& in,
                    hls::stream<REST>&... rest) {
#pragma HLS INLINE
        constexpr int tokens = UNIT::reads::at(NUMBER);
        if (active && phase[NUMBER] < tokens) {
            unit.take(input<NUMBER>(), in.read(), bank * tokens + token[NUMBER]);
            token[NUMBER] = token[NUMBER] == tokens - 1 ? 0 : token[NUMBER] + 1;
        }
        const int next = phase[NUMBER] + tokens;
        phase[NUMBER] = next >= UNIT::step ? next - UNIT::step : next;
        due_reads<NUMBER + 1, UNIT>::run(unit, phase, token, active, bank, rest...);
    }
};

template <int ROWS, class UNIT, class OUT, class... IN> void reorder(hls::stream<OUT>& out, hls::stream<IN>&... in) {
    static_assert(UNIT::lag >= 0 && UNIT::lag <= UNIT::step, "two rows of memory are enough");
    static_assert(UNIT::step >= UNIT::writes, "a step is long enough for the writes");
    constexpr int inputs = sizeof...(IN);
    UNIT unit;
    int phase[inputs + 1] = {};  // t * reads mod T: a read is due when it wraps
    int token[inputs + 1] = {};
#pragma HLS ARRAY_PARTITION variable=phase complete
#pragma HLS ARRAY_PARTITION variable=token complete
    int row = 0, t = 0;
    int write_row = 0, write_phase = 0, write_token = 0, write_t = -UNIT::lag;
    for (long iteration = 0; iteration < long(ROWS) * UNIT::step + UNIT::lag; ++iteration) {
#pragma HLS PIPELINE II=1
        due_reads<0, UNIT>::run(unit, phase, token, row < ROWS, row & 1, in...);
        if (write_t >= 0) {
            if (write_row < ROWS && write_phase < UNIT::writes) {
                OUT result;
                unit.give(write_token, write_row & 1, result);
                out.write(result);
                write_token = write_token == UNIT::writes - 1 ? 0 : write_token + 1;
            }
            const int next = write_phase + UNIT::writes;
            write_phase = next >= UNIT::step ? next - UNIT::step : next;
        }
        if (write_t == UNIT::step - 1) {
            write_t = 0;
            ++write_row;
        } else {
            ++write_t;
        }
        if (t == UNIT::step - 1) {
            t = 0;
            ++row;
        } else {
            ++t;
        }
    }
}

}  // namespace inrarch

#endif
