// y[c] = x[c] W (+ b) for a constant matrix with many zeros: products with its nonzeros alone, packed into equal lanes.
//
// UNIT (generated, src/weights/*.hpp) gives
//   inputs K, outputs M, lanes_in PI, lanes_out L, coefficients C
//   data_bits, weight_bits, accumulator_bits
//   field   which field of the input token is coefficient c       (index_list)
//   shift   binary places dropped from the sum of coefficient c   (index_list)
//   bias    row of the biases that is added to coefficient c, -1 for none (index_list); bias_rows >= 1
//   port    first lane of every port, and L after the last        (index_list)
//   slices_in, slices_out   parts of a row of H = K / slices_in inputs, of G = M / slices_out outputs (one per port)
//   horizon cycles of products per row; segments: most pieces of a lane; lag; step T, iterations per row
//   address_bits, segment_bits
// and read-only memories:
//   weights[horizon][L * PI]        cycle t, product p of lane l at l*PI + p; 0 for none
//   places[horizon][L * PI]         where its input is kept: bank << address_bits | word
//   marks[horizon][L]               1: begin with 0, 2: begin with the carry of lane l + 1,
//                                   4: the sum is a result, 8: leave it as carry
//   kept[slices_in][L * PI * H]     whether product l*PI + p uses the input at place h of a slice
//   sources[slices_out][G]          lane of the port << segment_bits | piece
//   biases[slices_out][bias_rows * G]  word of a slice, number row*G + port
//
// A piece of a lane is a run of products for one output. Its sum begins with 0, and its end is a result; an output
// that does not fit into a lane is begun by the next lane and carried over (inrarch/dataflow/packing.py). The bias is
// added when the result leaves.
//
// Schedule: one flattened loop, II = 1, L * PI * C multiply-accumulates per iteration. Iteration s*T + t
//   puts a slice of row s into the buffers (the slices are spread evenly over the T iterations of the step; a token is
//   read with its first slice); every product has a buffer of its own, with the inputs that it uses,
//   takes a slice of a row out of the results (spread evenly, too, over the T iterations from `lag` on of the step in
//   which the row is multiplied; a token is written with its last slice),
//   multiplies row s-1 in the first `horizon` iterations.
// Inputs and results are double: nothing drains between rows. T >= max(horizon, K / wi, M / wo); H divides wi, G divides
// wo (the lanes of the streams).
#ifndef INRARCH_SPARSE_MATMUL_HPP
#define INRARCH_SPARSE_MATMUL_HPP

#include "../common/rounded_sums.hpp"
#include "../common/token.hpp"

namespace inrarch {

template <int ROWS, class UNIT, class IN, class OUT>
void sparse_matmul(hls::stream<IN>& in, hls::stream<OUT>& out,
                   const rom_word<UNIT::weight_bits> (&weights)[UNIT::horizon][UNIT::lanes_out * UNIT::lanes_in],
                   const rom_index<UNIT::place_bits> (&places)[UNIT::horizon][UNIT::lanes_out * UNIT::lanes_in],
                   const rom_index<4> (&marks)[UNIT::horizon][UNIT::lanes_out],
                   const rom_index<1> (&kept)[UNIT::slices_in][UNIT::lanes_out * UNIT::lanes_in *
                                                               (UNIT::inputs / UNIT::slices_in)],
                   const rom_index<UNIT::source_bits> (&sources)[UNIT::slices_out][UNIT::outputs / UNIT::slices_out],
                   const rom_word<UNIT::accumulator_bits> (&biases)[UNIT::slices_out][UNIT::bias_rows * UNIT::outputs /
                                                                                      UNIT::slices_out]) {
    constexpr int C = UNIT::coefficients;
    constexpr int PI = UNIT::lanes_in;
    constexpr int L = UNIT::lanes_out;
    constexpr int H = UNIT::inputs / UNIT::slices_in;
    constexpr int G = UNIT::outputs / UNIT::slices_out;
    constexpr int words = 1 << UNIT::address_bits;
    constexpr int begin = 1, begin_carry = 2, end_result = 4, end_carry = 8;
    static_assert(UNIT::inputs % IN::lanes == 0 && UNIT::outputs % OUT::lanes == 0, "lanes divide the features");
    static_assert(IN::lanes % H == 0 && OUT::lanes % G == 0, "a token has whole slices");
    static_assert(OUT::fields == C, "the output carries the unit's coefficients");
    static_assert(UNIT::port::size == G + 1 && UNIT::port::at(G) == L, "every lane has a port");
    static_assert(UNIT::step >= UNIT::slices_in && UNIT::step >= UNIT::slices_out && UNIT::step >= UNIT::horizon,
                  "a step is long enough for reads, products and writes");
    static_assert(UNIT::lag <= UNIT::step, "a row has left before its results are overwritten");
    constexpr int last_slice = ((UNIT::slices_out - 1) * UNIT::step + UNIT::slices_out - 1) / UNIT::slices_out;
    constexpr long first_out = long(UNIT::step) + UNIT::lag;
    constexpr long iterations = long(ROWS) * UNIT::step + UNIT::lag + last_slice + 1;

#pragma HLS ARRAY_RESHAPE variable=weights complete dim=2
#pragma HLS ARRAY_RESHAPE variable=places complete dim=2
#pragma HLS ARRAY_RESHAPE variable=marks complete dim=2
#pragma HLS ARRAY_RESHAPE variable=kept complete dim=2
#pragma HLS ARRAY_RESHAPE variable=sources complete dim=2
#pragma HLS ARRAY_RESHAPE variable=biases complete dim=2
    ap_int<UNIT::data_bits> row[L * PI][H][2 * words][C];
#pragma HLS ARRAY_PARTITION variable=row complete dim=1
#pragma HLS ARRAY_PARTITION variable=row complete dim=2
#pragma HLS ARRAY_RESHAPE variable=row complete dim=4
    ap_int<UNIT::accumulator_bits> results[L][2 * UNIT::segments][C];
#pragma HLS ARRAY_PARTITION variable=results complete dim=1
#pragma HLS ARRAY_RESHAPE variable=results complete dim=3
    ap_int<UNIT::accumulator_bits> sum[L][C];
#pragma HLS ARRAY_PARTITION variable=sum complete dim=0
    ap_int<UNIT::accumulator_bits> carry[L][C];
#pragma HLS ARRAY_PARTITION variable=carry complete dim=0
    int count[L * PI][H];  // inputs kept of the row that comes in
#pragma HLS ARRAY_PARTITION variable=count complete dim=0
    int segment[L];  // piece of the row that is multiplied
#pragma HLS ARRAY_PARTITION variable=segment complete dim=0
    IN arriving;
    OUT leaving;

    for (int place = 0; place < L * PI; ++place) {
#pragma HLS UNROLL
        for (int h = 0; h < H; ++h) {
#pragma HLS UNROLL
            count[place][h] = 0;
        }
    }
    for (int l = 0; l < L; ++l) {
#pragma HLS UNROLL
        segment[l] = 0;
        for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
            sum[l][c] = 0;
            carry[l][c] = 0;
        }
    }

    int step = 0;       // s
    int t = 0;          // iteration of the step
    int in_phase = 0;   // t * slices_in mod T: a slice is due when it wraps
    int in_slice = 0;
    int in_part = 0;    // slice of the token
    int out_phase = 0;  // the same, from iteration first_out on
    int out_slice = 0;
    int out_part = 0;
    int out_half = 0;   // of the results, for the row that leaves

    for (long iteration = 0; iteration < iterations; ++iteration) {
#pragma HLS PIPELINE II=1
        if (step < ROWS && in_phase < UNIT::slices_in) {
            if (in_part == 0) arriving = in.read();
            for (int h = 0; h < H; ++h) {
#pragma HLS UNROLL
                for (int place = 0; place < L * PI; ++place) {
#pragma HLS UNROLL
                    if (kept[in_slice][place * H + h] != 0) {
                        for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
                            row[place][h][(step & 1) * words + count[place][h]][c] =
                                arriving.value[in_part * H + h][UNIT::field::at(c)];
                        }
                        ++count[place][h];
                    }
                }
            }
            in_part = in_part == IN::lanes / H - 1 ? 0 : in_part + 1;
            in_slice = in_slice == UNIT::slices_in - 1 ? 0 : in_slice + 1;
        }

        if (iteration >= first_out) {
            if (out_phase < UNIT::slices_out) {
                for (int g = 0; g < G; ++g) {
#pragma HLS UNROLL
                    const int source = sources[out_slice][g];
                    const int piece = source & ((1 << UNIT::segment_bits) - 1);
                    ap_int<UNIT::accumulator_bits> result[C];
#pragma HLS ARRAY_PARTITION variable=result complete dim=0
                    for (int l = UNIT::port::at(g); l < UNIT::port::at(g + 1); ++l) {
#pragma HLS UNROLL
                        if (l - UNIT::port::at(g) == source >> UNIT::segment_bits) {
                            for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
                                result[c] = results[l][out_half * UNIT::segments + piece][c];
                            }
                        }
                    }
                    for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
                        const int bias = UNIT::bias::at(c);
                        if (bias >= 0) result[c] += biases[out_slice][larger(bias, 0) * G + g];
                    }
                    rounded_sums<UNIT, 0>::store(result, leaving.value[out_part * G + g]);
                }
                if (out_part == OUT::lanes / G - 1) {
                    out.write(leaving);
                    out_part = 0;
                } else {
                    ++out_part;
                }
                if (out_slice == UNIT::slices_out - 1) {
                    out_slice = 0;
                    out_half = 1 - out_half;
                } else {
                    ++out_slice;
                }
            }
            out_phase += out_phase + UNIT::slices_out >= UNIT::step ? UNIT::slices_out - UNIT::step : UNIT::slices_out;
        }

        if (step > 0 && step <= ROWS && t < UNIT::horizon) {
            for (int l = 0; l < L; ++l) {
#pragma HLS UNROLL
                const int mark = marks[t][l];
                for (int c = 0; c < C; ++c) {
#pragma HLS UNROLL
                    ap_int<UNIT::accumulator_bits> total = sum[l][c];
                    if ((mark & begin) != 0) total = 0;
                    if ((mark & begin_carry) != 0) total = carry[l + 1 < L ? l + 1 : l][c];
                    for (int p = 0; p < PI; ++p) {
#pragma HLS UNROLL
                        const ap_int<UNIT::weight_bits> weight = weights[t][l * PI + p];
                        const int place = places[t][l * PI + p];
                        // Without a product the weight is 0, whatever the buffer holds.
                        total += weight * row[l * PI + p][place >> UNIT::address_bits]
                                             [((step + 1) & 1) * words + (place & (words - 1))][c];
                    }
                    sum[l][c] = total;
                    if ((mark & end_carry) != 0) carry[l][c] = total;
                    if ((mark & end_result) != 0) {
                        results[l][((step + 1) & 1) * UNIT::segments + segment[l]][c] = total;
                    }
                }
                if ((mark & (end_result | end_carry)) != 0) ++segment[l];
            }
        }

        in_phase += in_phase + UNIT::slices_in >= UNIT::step ? UNIT::slices_in - UNIT::step : UNIT::slices_in;
        if (t == UNIT::step - 1) {
            t = 0;
            ++step;
            for (int l = 0; l < L; ++l) {
#pragma HLS UNROLL
                segment[l] = 0;
                for (int p = 0; p < PI; ++p) {
#pragma HLS UNROLL
                    for (int h = 0; h < H; ++h) {
#pragma HLS UNROLL
                        count[l * PI + p][h] = 0;
                    }
                }
            }
        } else {
            ++t;
        }
    }
}

}  // namespace inrarch

#endif
