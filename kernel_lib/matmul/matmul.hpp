// y[c] = x[c] W (+ b): one constant matrix applied to every coefficient c of a jet, weight stationary.
//
// UNIT (generated, src/weights/*.hpp) gives
//   inputs K, outputs M, lanes_in PI, lanes_out PO, coefficients C, lanes_coefficients PC
//   data_bits, weight_bits, accumulator_bits
//   field   which field of the input token is coefficient c       (index_list)
//   shift   binary places dropped from the sum of coefficient c   (index_list)
//   bias    row of the biases that is added to coefficient c, -1 for none (index_list); bias_rows >= 1
//   step    T, iterations per row
// and two read-only memories:
//   weights[MB * KB * P][Q]         block g*KB + k of PO * PI weights, in P words of Q; o*PI + i of the block is
//                                   W[k*PI + i][g*PO + o], 0 beyond the matrix
//   biases[MB][bias_rows * PO]      word g, lane row*PO + o
// with KB = ceil(K / PI), MB = ceil(M / PO), CB = ceil(C / PC), Q = ceil(PO * PI / CB), P = ceil(PO * PI / Q) <= CB.
//
// Schedule: one flattened loop, II = 1, PO * PI * PC multiply-accumulates per iteration. Iteration s*T + t
//   reads a token of row s (the K / wi reads are spread evenly over the T iterations of the step),
//   multiplies row s-1: group t / slot of PO outputs; in the first KB * CB iterations of its slot, block of inputs
//   u / CB with block of coefficients u % CB, where u = t % slot,
//   writes a token of a finished group, one per iteration, from the iteration after the group's last product on.
// So a block of weights is used for CB iterations. Its words come in the first P of those of the block before it, from
// step 0 on: the block that the last one of a row gets ready is the first of the next row.
// The input buffer is double (row s is filled while row s-1 is used). The results of a group are stored in the last CB
// iterations of its products, and written while the next group accumulates: nothing drains between rows.
// slot = max(KB * CB, tokens per group + CB - 1), so they are written before others take their place;
// T >= max(K / wi, MB * slot).
// Lanes of the unit and of its streams (wi, wo) divide one another: PI and wi, PO and wo. PI need not divide K, nor PO M,
// nor PC C.
#ifndef INRARCH_MATMUL_HPP
#define INRARCH_MATMUL_HPP

#include "../common/rounded_sums.hpp"
#include "../common/token.hpp"

namespace inrarch {

// The words of a block of weights: as narrow as its CB iterations allow.
template <class UNIT> struct weight_words {
    static constexpr int block = UNIT::lanes_out * UNIT::lanes_in;
    static constexpr int size = blocks(block, blocks(UNIT::coefficients, UNIT::lanes_coefficients));
    static constexpr int per_block = blocks(block, size);
};

template <int ROWS, class UNIT, class IN, class OUT>
void matmul(hls::stream<IN>& in, hls::stream<OUT>& out,
            const rom_word<UNIT::weight_bits> (&weights)[blocks(UNIT::outputs, UNIT::lanes_out) *
                                                         blocks(UNIT::inputs, UNIT::lanes_in) *
                                                         weight_words<UNIT>::per_block][weight_words<UNIT>::size],
            const rom_word<UNIT::accumulator_bits> (&biases)[blocks(UNIT::outputs, UNIT::lanes_out)]
                                                            [UNIT::bias_rows * UNIT::lanes_out]) {
    constexpr int C = UNIT::coefficients;
    constexpr int PI = UNIT::lanes_in;
    constexpr int PO = UNIT::lanes_out;
    constexpr int PC = UNIT::lanes_coefficients;
    constexpr int CB = blocks(C, PC);
    constexpr int P = weight_words<UNIT>::per_block;
    constexpr int Q = weight_words<UNIT>::size;
    constexpr int KB = blocks(UNIT::inputs, PI);
    constexpr int MB = blocks(UNIT::outputs, PO);
    constexpr int reads = UNIT::inputs / IN::lanes;
    constexpr int bank = larger(PO, OUT::lanes);             // outputs that are sent together
    constexpr int tokens = bank / OUT::lanes;                // of a full bank
    constexpr int slot = larger(KB * CB, blocks(PO, OUT::lanes) + CB - 1);
    static_assert(UNIT::inputs % IN::lanes == 0 && UNIT::outputs % OUT::lanes == 0, "lanes divide the features");
    static_assert(PI % IN::lanes == 0 || IN::lanes % PI == 0, "input lanes of unit and stream divide one another");
    static_assert(PO % OUT::lanes == 0 || OUT::lanes % PO == 0, "output lanes of unit and stream divide one another");
    static_assert(OUT::fields == C, "the output carries the unit's coefficients");
    static_assert(UNIT::step >= reads && UNIT::step >= MB * slot, "a step is long enough for reads and products");
    constexpr int last_tokens = (UNIT::outputs - (UNIT::outputs - 1) / bank * bank) / OUT::lanes;
    constexpr long iterations = long(ROWS) * UNIT::step + (MB - 1) * slot + KB * CB + last_tokens;

#pragma HLS ARRAY_RESHAPE variable=weights complete dim=2
#pragma HLS ARRAY_RESHAPE variable=biases complete dim=2
    ap_int<UNIT::data_bits> row[2][C][KB * PI];
#pragma HLS ARRAY_PARTITION variable=row complete dim=1
#pragma HLS ARRAY_PARTITION variable=row complete dim=2
#pragma HLS ARRAY_PARTITION variable=row cyclic factor=PI dim=3
    ap_int<UNIT::weight_bits> weight[PO * PI];  // the block in use
#pragma HLS ARRAY_PARTITION variable=weight complete dim=0
    ap_int<UNIT::weight_bits> next[P * Q];      // the one after it
#pragma HLS ARRAY_PARTITION variable=next complete dim=0
    ap_int<UNIT::accumulator_bits> sum[CB][PO][PC];  // sum[0]: of the block of coefficients whose turn it is
#pragma HLS ARRAY_PARTITION variable=sum complete dim=0
    ap_int<UNIT::data_bits> finished[bank][C];
#pragma HLS ARRAY_PARTITION variable=finished complete dim=0

    int step = 0;         // s
    int t = 0;            // iteration of the step
    int read_phase = 0;   // t * reads mod T: a read is due when it wraps
    int read_token = 0;
    int group = 0;
    int block = 0;        // of inputs
    int turn = 0;         // block of coefficients
    int in_slot = 0;      // iteration of the slot
    int word = MB * KB > 1 ? P : 0;
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

        const bool products = step <= ROWS && group < MB && block < KB;
        if (products && step > 0) {
            for (int o = 0; o < PO; ++o) {
#pragma HLS UNROLL
                ap_int<UNIT::accumulator_bits> done[PC];
                for (int lane = 0; lane < PC; ++lane) {
#pragma HLS UNROLL
                    const int c = turn * PC + lane;
                    const bool real = C % PC == 0 || c < C;
                    ap_int<UNIT::accumulator_bits> total = sum[0][o][lane];
                    if (block == 0) {
                        total = 0;
                        if (real && UNIT::bias::at(c) >= 0) total = biases[group][UNIT::bias::at(c) * PO + o];
                    }
                    for (int i = 0; i < PI; ++i) {
#pragma HLS UNROLL
                        // Beyond the last input the weight is 0, and the buffer was never written.
                        const bool inside = UNIT::inputs % PI == 0 || block * PI + i < UNIT::inputs;
                        ap_int<UNIT::data_bits> x = 0;
                        if (inside && real) x = row[(step + 1) & 1][c][block * PI + i];
                        total += weight[o * PI + i] * x;
                    }
                    for (int later = 0; later < CB - 1; ++later) {
#pragma HLS UNROLL
                        sum[later][o][lane] = sum[later + 1][o][lane];
                    }
                    sum[CB - 1][o][lane] = total;
                    done[lane] = total;
                }
                if (block == KB - 1) rounded_sums<UNIT, 0, PC>::store(done, finished[bank_start + o], turn);
            }
            if (block == KB - 1 && turn == CB - 1) {
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

        if (products && turn < P) {
            for (int w = 0; w < Q; ++w) {
#pragma HLS UNROLL
                next[turn * Q + w] = weights[word][w];
            }
            word = word == MB * KB * P - 1 ? 0 : word + 1;
        }
        if (products && turn == CB - 1) {
            for (int w = 0; w < PO * PI; ++w) {
#pragma HLS UNROLL
                weight[w] = next[w];
            }
        }

        if (turn == CB - 1) {
            turn = 0;
            ++block;
        } else {
            ++turn;
        }
        if (in_slot == slot - 1) {
            in_slot = 0;
            block = 0;
            turn = 0;
            ++group;
        } else {
            ++in_slot;
        }
        read_phase = read_phase + reads >= UNIT::step ? read_phase + reads - UNIT::step : read_phase + reads;
        if (t == UNIT::step - 1) {
            t = 0;
            ++step;
            group = 0;
            block = 0;
            turn = 0;
            in_slot = 0;
        } else {
            ++t;
        }
    }
}

}  // namespace inrarch

#endif
