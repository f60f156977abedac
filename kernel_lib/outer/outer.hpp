// The sum over the rows of an invocation of left^T right: y[i][j] = sum of left[row][i] * right[row][j].
//
// UNIT (generated, src/sums/*.hpp) gives
//   left A, right B             features of a row of each stream
//   lanes_left PA, lanes_right PB
//   left_field, right_field     which field of each token is multiplied
//   left_bits, left_shift, right_bits, right_shift   what an operand is rounded to in front of the multiplier
//   accumulator_bits, shift     width of a sum, binary places that its rounding drops
//   step T                      iterations per row
//
// Schedule: one flattened loop, II = 1, PA * PB products per iteration. Iteration s*T + t
//   reads a token of row s of each stream (its A / wa, B / wb reads are spread evenly over the T iterations),
//   adds the products of row s-1 to the sums of block t: PA features of left, PB of right.
// After the last block of the last row, an iteration per sum rounds it, row by row of the result; after `lanes` of them a
// token is written. Blocks = ceil(A/PA) * ceil(B/PB), T >= max(A/wa, B/wb, blocks).
// The operand buffers are double. A sum comes back after at least `blocks` iterations: up to 4 blocks are registers,
// more are a memory, read and written once per iteration.
// Lanes of the unit and of the streams that it reads divide one another. PA need not divide A, nor PB B.
#ifndef INRARCH_OUTER_HPP
#define INRARCH_OUTER_HPP

#include "../common/fixed_point.hpp"
#include "../common/token.hpp"

namespace inrarch {

template <int ROWS, class UNIT, class LEFT, class RIGHT, class OUT>
void outer(hls::stream<LEFT>& left, hls::stream<RIGHT>& right, hls::stream<OUT>& out) {
    constexpr int PA = UNIT::lanes_left;
    constexpr int PB = UNIT::lanes_right;
    constexpr int columns = blocks(UNIT::right, PB);
    constexpr int words = blocks(UNIT::left, PA) * columns;
    constexpr int banks = words <= 4 ? words : 1;
    constexpr int left_reads = UNIT::left / LEFT::lanes;
    constexpr int right_reads = UNIT::right / RIGHT::lanes;
    constexpr int results = UNIT::left * UNIT::right;
    constexpr long begin = long(ROWS) * UNIT::step + words;  // of the results
    static_assert(UNIT::left % LEFT::lanes == 0 && UNIT::right % RIGHT::lanes == 0, "stream lanes divide the features");
    static_assert(results % OUT::lanes == 0, "stream lanes divide the results");
    static_assert(OUT::fields == 1, "one sum per token and lane");
    static_assert(PA % LEFT::lanes == 0 || LEFT::lanes % PA == 0, "unit and stream lanes divide one another");
    static_assert(PB % RIGHT::lanes == 0 || RIGHT::lanes % PB == 0, "unit and stream lanes divide one another");
    static_assert(UNIT::step >= words && UNIT::step >= left_reads && UNIT::step >= right_reads, "a row fits its step");
    constexpr int bank_left = larger(PA, LEFT::lanes);
    constexpr int bank_right = larger(PB, RIGHT::lanes);
    static_assert(banks <= 4 && bank_left >= PA && bank_right >= PB, "memories give what an iteration needs");

    ap_int<UNIT::left_bits> x[2][UNIT::left];
#pragma HLS ARRAY_PARTITION variable=x complete dim=1
#pragma HLS ARRAY_PARTITION variable=x cyclic factor=bank_left dim=2
    ap_int<UNIT::right_bits> z[2][UNIT::right];
#pragma HLS ARRAY_PARTITION variable=z complete dim=1
#pragma HLS ARRAY_PARTITION variable=z cyclic factor=bank_right dim=2
    ap_int<UNIT::accumulator_bits> sums[words][PA * PB];
#pragma HLS ARRAY_PARTITION variable=sums complete dim=2
#pragma HLS ARRAY_PARTITION variable=sums cyclic factor=banks dim=1
#pragma HLS DEPENDENCE variable=sums type=inter direction=RAW distance=words dependent=true

    OUT token;
    int step = 0, t = 0;
    int left_phase = 0, left_token = 0, right_phase = 0, right_token = 0;
    int block_left = 0, block_right = 0;  // of the products
    int row_block = 0, row_lane = 0, column_block = 0, column_lane = 0, lane_out = 0;  // of the results
    for (long iteration = 0; iteration < begin + results; ++iteration) {
#pragma HLS PIPELINE II=1
        if (step < ROWS && left_phase < left_reads) {
            const LEFT read = left.read();
            for (int lane = 0; lane < LEFT::lanes; ++lane) {
#pragma HLS UNROLL
                x[step & 1][left_token * LEFT::lanes + lane] =
                    round_shift<UNIT::left_bits, UNIT::left_shift>(read.value[lane][UNIT::left_field]);
            }
            left_token = left_token == left_reads - 1 ? 0 : left_token + 1;
        }
        if (step < ROWS && right_phase < right_reads) {
            const RIGHT read = right.read();
            for (int lane = 0; lane < RIGHT::lanes; ++lane) {
#pragma HLS UNROLL
                z[step & 1][right_token * RIGHT::lanes + lane] =
                    round_shift<UNIT::right_bits, UNIT::right_shift>(read.value[lane][UNIT::right_field]);
            }
            right_token = right_token == right_reads - 1 ? 0 : right_token + 1;
        }

        // Products and results read the sums at one address: one read and one write per iteration.
        const bool adds = step > 0 && step <= ROWS && t < words;
        const bool sends = iteration >= begin;
        ap_int<UNIT::accumulator_bits> word[PA * PB];
#pragma HLS ARRAY_PARTITION variable=word complete
        if ((adds && step > 1) || sends) {
            const int address = sends ? row_block * columns + column_block : t;
            for (int place = 0; place < PA * PB; ++place) {
#pragma HLS UNROLL
                word[place] = sums[address][place];
            }
        }
        if (adds) {
            for (int a = 0; a < PA; ++a) {
#pragma HLS UNROLL
                for (int b = 0; b < PB; ++b) {
#pragma HLS UNROLL
                    // Beyond the last feature there is no operand, and nobody reads the sum.
                    const bool inside = block_left * PA + a < UNIT::left && block_right * PB + b < UNIT::right;
                    ap_int<UNIT::accumulator_bits> total = 0;
                    if (step > 1) total = word[a * PB + b];
                    if (inside) {
                        total += x[(step + 1) & 1][block_left * PA + a] * z[(step + 1) & 1][block_right * PB + b];
                    }
                    sums[t][a * PB + b] = total;
                }
            }
            block_right = block_right == columns - 1 ? 0 : block_right + 1;
            block_left = block_right == 0 ? block_left + 1 : block_left;
        }

        if (sends) {
            token.value[lane_out][0] = round_shift<OUT::bits, UNIT::shift>(word[row_lane * PB + column_lane]);
            if (lane_out == OUT::lanes - 1) out.write(token);
            lane_out = lane_out == OUT::lanes - 1 ? 0 : lane_out + 1;
            if (column_block * PB + column_lane == UNIT::right - 1) {
                column_block = 0;
                column_lane = 0;
                row_block = row_lane == PA - 1 ? row_block + 1 : row_block;
                row_lane = row_lane == PA - 1 ? 0 : row_lane + 1;
            } else {
                column_block = column_lane == PB - 1 ? column_block + 1 : column_block;
                column_lane = column_lane == PB - 1 ? 0 : column_lane + 1;
            }
        }

        left_phase += left_phase + left_reads >= UNIT::step ? left_reads - UNIT::step : left_reads;
        right_phase += right_phase + right_reads >= UNIT::step ? right_reads - UNIT::step : right_reads;
        if (t == UNIT::step - 1) {
            t = 0;
            ++step;
            block_left = 0;
            block_right = 0;
        } else {
            ++t;
        }
    }
}

}  // namespace inrarch

#endif
