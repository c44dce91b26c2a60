// SPDX-License-Identifier: Apache-2.0
//
// Sign election over the terms of one thread's elements. It takes two passes: the sum, then the terms that agree.
#ifndef INGOT_ELECTION_CUH
#define INGOT_ELECTION_CUH

#include "delta_unit.cuh"

namespace INGOT_NAMESPACE {

// Most terms whose y stay on the processor between the passes; more are computed twice.
constexpr int kTableTerms = 8;
constexpr int kTableThreads = INGOT_GPU_DELTA_MERGE_THREADS;

// The y of a thread's elements and up to 8 terms. Those of units of 4 elements are registers, and of units of 8 those
// of the first three terms; the others are in the thread's own column of shared memory, where neighbouring threads have
// neighbouring words. With registers for all there would be room for fewer threads, also where there are few terms.
template <int n>
struct term_table {
    static constexpr int registered = n == 4 ? kTableTerms : 3;
    float y[registered][n];

    // For a term that is not there. Otherwise the registers would count as in use from the kernel's beginning.
    INGOT_DEVICE void clear(int j) {
        if (j >= registered) return;
#pragma unroll
        for (int e = 0; e < n; e++) y[j][e] = 0.0f;
    }

    INGOT_DEVICE void put(int j, const float (&from)[n]) {
        if (j < registered) {
#pragma unroll
            for (int e = 0; e < n; e++) y[j][e] = from[e];
        } else {
#pragma unroll
            for (int quarter = 0; quarter < n / 4; quarter++) {
                const float *at = from + 4 * quarter;
                column()[((j - registered) * (n / 4) + quarter) * kTableThreads] =
                    make_float4(at[0], at[1], at[2], at[3]);
            }
        }
    }

    // Elements 4 quarter to 4 quarter + 3 of term j.
    INGOT_DEVICE float4 get(int j, int quarter) const {
        if (j >= registered) return column()[((j - registered) * (n / 4) + quarter) * kTableThreads];
        const float *at = y[j] + 4 * quarter;
        return make_float4(at[0], at[1], at[2], at[3]);
    }

private:
    static INGOT_DEVICE float4 *column() {
        constexpr int words = registered < kTableTerms ? (kTableTerms - registered) * (n / 4) * kTableThreads : 1;
        __shared__ float4 columns[words];
        return columns + (words > 1 ? threadIdx.x : 0);
    }
};

// As sign_election::add_term does, which adds +0 for terms that do not agree. That changes neither sum, as both start
// at +0 and are never -0; left out, there remain two predicated additions.
INGOT_DEVICE void add_agreeing(sign_election<float> &election, float y, float weight) {
    const float side = from_bits(bit_xor(bits(y), election.flip));
    if (greater(side, 0.0f)) {
        election.agreeing = add(election.agreeing, side);
        election.weight = add(election.weight, weight);
    }
}

// m of the terms that agree with the sign of the sum, for at most kTableTerms.
template <class U>
INGOT_DEVICE void elect_once(const delta_unit<U> &unit, const ingot_delta_merge_args &args, float (&m)[U::elements]) {
    constexpr int n = U::elements;
    term_table<n> table;
#pragma unroll
    for (int e = 0; e < n; e++) m[e] = -0.0f;
    const uint64_t kept = unit.kept_bytes(args.terms, args.term_count, kTableTerms);
#pragma unroll
    for (int first = 0; first < kTableTerms; first += 4) {
        const auto add_up = [&](int j, const float(&y)[n]) {
#pragma unroll
            for (int e = 0; e < n; e++) m[e] = add(m[e], y[e]);
            table.put(first + j, y);
        };
        unit.template for_each_delta<4>(args.terms + first, args.term_count - first, (uint32_t)(kept >> (8 * first)),
                                        add_up, [&](int j) { table.clear(first + j); });
    }
#pragma unroll
    for (int quarter = 0; quarter < n / 4; quarter++) {
        sign_election<float> election[4];
#pragma unroll
        for (int e = 0; e < 4; e++) election[e] = sign_election<float>::of(m[4 * quarter + e]);
#pragma unroll
        for (int j = 0; j < kTableTerms; j++) {
            if (j < args.term_count) {
                const float weight = args.terms[j].weight;
                const float4 y = table.get(j, quarter);
                add_agreeing(election[0], y.x, weight);
                add_agreeing(election[1], y.y, weight);
                add_agreeing(election[2], y.z, weight);
                add_agreeing(election[3], y.w, weight);
            }
        }
#pragma unroll
        for (int e = 0; e < 4; e++) m[4 * quarter + e] = args.normalize ? election[e].mean() : election[e].sum();
    }
}

// For more terms than the table has room for.
template <class U>
INGOT_DEVICE void elect_twice(const delta_unit<U> &unit, const ingot_delta_merge_args &args, float (&m)[U::elements]) {
    constexpr int n = U::elements;
    unit.sum(args.terms, args.term_count, m);
    sign_election<float> election[n];
#pragma unroll
    for (int e = 0; e < n; e++) election[e] = sign_election<float>::of(m[e]);
#pragma unroll 1
    for (int first = 0; first < args.term_count; first += 2) {
        const ingot_delta_term *terms = args.terms + first;
        const int count = args.term_count - first;
        const auto elect = [&](int j, const float(&y)[n]) {
            const float weight = terms[j].weight;
#pragma unroll
            for (int e = 0; e < n; e++) add_agreeing(election[e], y[e], weight);
        };
        unit.template for_each_delta<2>(terms, count, (uint32_t)unit.kept_bytes(terms, count, 2), elect, [](int) {});
    }
#pragma unroll
    for (int e = 0; e < n; e++) m[e] = args.normalize ? election[e].mean() : election[e].sum();
}

}  // namespace INGOT_NAMESPACE

#endif
