// SPDX-License-Identifier: Apache-2.0
//
// The deltas of one thread's elements: loaded for up to 8 terms together, masked and weighted in order.
#ifndef INGOT_DELTA_UNIT_CUH
#define INGOT_DELTA_UNIT_CUH

#include "mask.cuh"
#include "unit.cuh"

namespace INGOT_NAMESPACE {

template <class U>
struct delta_unit {
    static constexpr int n = U::elements;
    // Index of the first element in the operands, and in the whole tensor.
    int64_t offset, index;
    float base[n];

    // The elements that random masks and tables keep, a byte for each term, at most 8. It needs no operand, so that it runs while
    // they are on their way; and is a loop, as ten rounds wherever a term is used would be much code.
    INGOT_DEVICE uint64_t kept_bytes(const ingot_delta_term *terms, int left, int most) const {
        const int count = left < most ? left : most;
        uint64_t bytes = 0;
#pragma unroll 1
        for (int j = 0; j < count; j++) {
            const ingot_mask_spec &mask = terms[j].mask;
            if (mask.kind == INGOT_MASK_RANDOM) {
                bytes |= (uint64_t)random_bits<n>(mask.key, mask.keep_below, index) << (8 * j);
            } else if (mask.kind == INGOT_MASK_BITS) {
                bytes |= (uint64_t)table_bits<n>(mask.bits, index) << (8 * j);
            }
        }
        return bytes;
    }

    // y = weight * (rescale * kept(x - base)); a rescale of 1 is left out.
    INGOT_DEVICE void weighted_delta(const ingot_delta_term &term, const typename U::raw &x, uint32_t kept,
                                     float (&y)[n]) const {
        U::widen(x, y);
#pragma unroll
        for (int e = 0; e < n; e++) y[e] = sub(y[e], base[e]);
        if (term.mask.kind == INGOT_MASK_MAGNITUDE) {
            keep_magnitudes(term.mask.threshold, term.mask.tie_cut, index, y);
        } else if (term.mask.kind != INGOT_MASK_NONE) {
            keep_bits(kept, y);
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

    // each(j, y of term j) in order for the first terms of count, at most `most`, all loaded first; missing(j) for the
    // others of `most`. kept: their kept_bytes.
    template <int most, class Each, class Missing>
    INGOT_DEVICE void for_each_delta(const ingot_delta_term *terms, int count, uint32_t kept, const Each &each,
                                     const Missing &missing) const {
        typename U::raw x[most] = {};
#pragma unroll
        for (int j = 0; j < most; j++) {
            if (j < count) x[j] = U::load(terms[j].model, offset);
        }
#pragma unroll
        for (int j = 0; j < most; j++) {
            if (j < count) {
                float y[n] = {};
                weighted_delta(terms[j], x[j], kept >> (8 * j) & 0xff, y);
                each(j, y);
            } else {
                missing(j);
            }
        }
    }

    // ((y_0 + y_1) + y_2) + ...
    INGOT_DEVICE void sum(const ingot_delta_term *terms, int count, float (&total)[n]) const {
        // -0 is what changes no number when added to it.
#pragma unroll
        for (int e = 0; e < n; e++) total[e] = -0.0f;
#pragma unroll 1
        for (int first = 0; first < count; first += 4) {
            const uint32_t kept = (uint32_t)kept_bytes(terms + first, count - first, 4);
            const auto add_up = [&](int, const float(&y)[n]) {
#pragma unroll
                for (int e = 0; e < n; e++) total[e] = add(total[e], y[e]);
            };
            for_each_delta<4>(terms + first, count - first, kept, add_up, [](int) {});
        }
    }
};

}  // namespace INGOT_NAMESPACE

#endif
