// y[c] = x[c] W (+ b): one constant matrix applied to every coefficient c of a jet, weight stationary.
//
// UNIT (generated, src/weights/*.hpp) gives
//   inputs K, outputs M, lanes_in PI, lanes_out PO, coefficients C
//   data_bits, weight_bits, accumulator_bits
//   field   which field of the input token is coefficient c       (index_list)
//   shift   binary places dropped from the sum of coefficient c   (index_list)
//   bias    row of the biases that is added to coefficient c, -1 for none (index_list); bias_rows >= 1
//   step    T, iterations per row
// and two read-only memories:
//   weights[MB * KB][PO * PI]       word g*KB + k, lane o*PI + i = W[k*PI + i][g*PO + o], 0 beyond the matrix
//   biases[MB][bias_rows * PO]      word g, lane row*PO + o
// with KB = ceil(K / PI), MB = ceil(M / PO).
//
// Schedule: one flattened loop, II = 1, PO * PI * C multiply-accumulates per iteration. Iteration s*T + t
//   reads a token of row s (the K / wi reads are spread evenly over the T iterations of the step),
//   multiplies row s-1: group t / slot of PO outputs, PI inputs per iteration in the first KB iterations of its slot,
//   writes a token of a finished group, one per iteration, from the iteration after the group's last product on.
// The input buffer is double (row s is filled while row s-1 is used), the output registers of a group are read while
// the next group accumulates: nothing drains between rows. slot = max(KB, tokens per group),
// T >= max(K / wi, MB * slot).
// Lanes of the unit and of its streams (wi, wo) divide one another: PI and wi, PO and wo. PI need not divide K, nor PO M.
#ifndef INRARCH_MATMUL_HPP
#define INRARCH_MATMUL_HPP

#include "../common/rounded_sums.hpp"
#include "../common/token.hpp"

namespace inrarch {

template <int ROWS, class UNIT, class IN, class OUT>
void matmul(hls::stream<IN>& in, hls::stream<OUT>& out,
            const rom_word<UNIT::weight_bits> (&weights)[blocks(UNIT::outputs, UNIT::lanes_out) *
                                                         blocks(UNIT::inputs, UNIT::lanes_in)]
                                                        [UNIT::lanes_out * UNIT::lanes_in],
            const rom_word<UNIT::accumulator_bits> (&biases)[blocks(UNIT::outputs, UNIT::lanes_out)]
                                                            [UNIT::bias_rows * UNIT::lanes_out]) {
    constexpr int C = UNIT::coefficients;
    constexpr int PI = UNIT::lanes_in;
    constexpr int PO = UNIT::lanes_out;
    constexpr int KB = blocks(UNIT::inputs, PI);
    constexpr int MB = blocks(UNIT::outputs, PO);
    constexpr int reads = UNIT::inputs / IN::lanes;
    constexpr int bank = larger(PO, OUT::lanes);             // outputs that are sent together
    constexpr int tokens = bank / OUT::lanes;                // of a full bank
    constexpr int slot = larger(KB, blocks(PO, OUT::lanes));
    static_assert(UNIT::inputs % IN::lanes == 0 && UNIT::outputs % OUT::lanes == 0, "lanes divide the features");
    static_assert(PI % IN::lanes == 0 || IN::lanes % PI == 0, "input lanes of unit and stream divide one another");
    static_assert(PO % OUT::lanes == 0 || OUT::lanes % PO == 0, "output lanes of unit and stream divide one another");
    static_assert(OUT::fields == C, "the output carries the unit's coefficients");
    static_assert(UNIT::step >= reads && UNIT::step >= MB * slot, "a step is long enough for reads and products");
    constexpr int last_tokens = (UNIT::outputs - (UNIT::outputs - 1) / bank * bank) / OUT::lanes;
    constexpr long iterations = long(ROWS) * UNIT::step + (MB - 1) * slot + KB + last_tokens;

#pragma HLS ARRAY_RESHAPE variable=weights complete dim=2
#pragma HLS ARRAY_RESHAPE variable=biases complete dim=2
    ap_int<UNIT::data_bits> row[2][C][KB * PI];
#pragma HLS ARRAY_PARTITION variable=row complete dim=1
#pragma HLS ARRAY_PARTITION variable=row complete dim=2
#pragma HLS ARRAY_PARTITION variable=row cyclic factor=PI dim=3
    ap_int<UNIT::accumulator_bits> sum[PO][C];
#pragma HLS ARRAY_PARTITION variable=sum complete dim=0
    ap_int<UNIT::data_bits> finished[bank][C];
#pragma HLS ARRAY_PARTITION variable=finished complete dim=0

    int step = 0;         // s
    int t = 0;            // iteration of the step
    int read_phase = 0;   // t * reads mod T: a read is due when it wraps
    int read_token = 0;
    int group = 0;
    int block = 0;        // iteration of the slot
    int bank_start = 0;   // place of this group in the bank
    int pending = 0;      // tokens of the bank that are still to be written
    int write_token = 0;

    for (long iteration = 0; iteration < iterations; ++iteration) {
#pragma HLS PIPELINE II=1
        if (step < ROWS && read_phase < reads) {
            const IN token = in.read();
            for (int lane = 0; lane < IN::lanes; ++lane) {
#pragma HLS UNROLL
                for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
                    row[step & 1][c][read_token * IN::lanes + lane] = token.value[lane][UNIT::field::at(c)];
                }
            }
            read_token = read_token == reads - 1 ? 0 : read_token + 1;
        }

        if (pending > 0) {
            OUT token;
            for (int lane = 0; lane < OUT::lanes; ++lane) {
#pragma HLS UNROLL
                for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
                    token.value[lane][c] = finished[write_token * OUT::lanes + lane][c];
                }
            }
            out.write(token);
            ++write_token;
            --pending;
        }

        if (step > 0 && step <= ROWS && group < MB && block < KB) {
            for (int o = 0; o < PO; ++o) {
#pragma HLS UNROLL
                ap_int<UNIT::weight_bits> weight[PI];
                for (int i = 0; i < PI; ++i) {
#pragma HLS UNROLL
                    weight[i] = weights[group * KB + block][o * PI + i];
                }
                for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
                    ap_int<UNIT::accumulator_bits> total = sum[o][c];
                    if (block == 0) {
                        total = 0;
                        if (UNIT::bias::at(c) >= 0) total = biases[group][UNIT::bias::at(c) * PO + o];
                    }
                    for (int i = 0; i < PI; ++i) {
#pragma HLS UNROLL
                        // Beyond the last input the weight is 0, and the buffer was never written.
                        const bool inside = UNIT::inputs % PI == 0 || block * PI + i < UNIT::inputs;
                        ap_int<UNIT::data_bits> x = 0;
                        if (inside) x = row[(step + 1) & 1][c][block * PI + i];
                        total += weight[i] * x;
                    }
                    sum[o][c] = total;
                }
            }
            if (block == KB - 1) {
                for (int o = 0; o < PO; ++o) {
#pragma HLS UNROLL
                    rounded_sums<UNIT, 0>::store(sum[o], finished[bank_start + o]);
                }
                const bool last = group == MB - 1;
                if (bank_start + PO == bank || last) {
                    pending = last ? last_tokens : tokens;
                    write_token = 0;
                    bank_start = 0;
                } else {
                    bank_start += PO;
                }
            }
        }

        if (block == slot - 1) {
            block = 0;
            ++group;
        } else {
            ++block;
        }
        read_phase = read_phase + reads >= UNIT::step ? read_phase + reads - UNIT::step : read_phase + reads;
        if (t == UNIT::step - 1) {
            t = 0;
            ++step;
            group = 0;
            block = 0;
        } else {
            ++t;
        }
    }
}

}  // namespace inrarch

#endif
