// SPDX-License-Identifier: Apache-2.0
#include "mask.cuh"
#include "unit.cuh"

namespace INGOT_NAMESPACE {

constexpr int kDeltaMergeThreads = INGOT_GPU_DELTA_MERGE_THREADS;

// What a thread merges at a time.
template <class U>
struct delta_unit {
    static constexpr int n = U::elements;
    // Index in the operands, and in the whole tensor.
    int64_t offset, index;
    float base[n];

    // Elements that a random mask keeps, a byte for each of count terms. Needs no operand, so that it runs while they
    // are on their way; one loop, as ten rounds in every place where a term is used would be much code.
    INGOT_DEVICE uint64_t random_bytes(const ingot_delta_term *terms, int count) const {
        uint64_t bytes = 0;
#pragma unroll 1
        for (int j = 0; j < count; j++) {
            const ingot_mask_spec &mask = terms[j].mask;
            if (mask.kind == INGOT_MASK_RANDOM) {
                bytes |= (uint64_t)random_bits<n>(mask.key, mask.keep_below, index) << (8 * j);
            }
        }
        return bytes;
    }

    // y = weight * (rescale * kept(x - base))
    INGOT_DEVICE void weighted_delta(const ingot_delta_term &term, const typename U::raw &x, uint32_t random,
                                     float (&y)[n]) const {
        U::widen(x, y);
#pragma unroll
        for (int e = 0; e < n; e++) y[e] = sub(y[e], base[e]);
        if (term.mask.kind == INGOT_MASK_MAGNITUDE) {
            keep_magnitudes(term.mask.threshold, term.mask.tie_cut, index, y);
        } else if (term.mask.kind == INGOT_MASK_RANDOM) {
            keep_bits(random, y);
        }
        const float rescale = term.rescale;
        if (rescale != 1.0f) {
#pragma unroll
            for (int e = 0; e < n; e++) y[e] = mul(rescale, y[e]);
        }
        const float weight = term.weight;
#pragma unroll
        for (int e = 0; e < n; e++) y[e] = mul(weight, y[e]);
    }

    // each(constant<j>(), y of term j) for count terms in order, all loads first.
    template <int count, class Each>
    INGOT_DEVICE void for_each_delta(const ingot_delta_term *terms, const Each &each) const {
        typename U::raw x[count];
#pragma unroll
        for (int j = 0; j < count; j++) x[j] = U::load(terms[j].model, offset);
        const uint64_t random = random_bytes(terms, count);
        float y[n] = {};
#pragma unroll
        for (int j = 0; j < count; j++) {
            weighted_delta(terms[j], x[j], (uint32_t)(random >> (8 * j)) & 0xff, y);
            each(j, y);
        }
    }
};

}  // namespace INGOT_NAMESPACE
