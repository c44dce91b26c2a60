// SPDX-License-Identifier: Apache-2.0
//
// Which elements of a block of deltas are kept: small functors that give the mask of the vector at element i of the block.
#ifndef INGOT_KERNELS_MASK_H
#define INGOT_KERNELS_MASK_H

#include "block.h"
#include "ingot/math/delta.h"
#include "ingot/math/philox.h"

namespace INGOT_NAMESPACE {

struct keep_all {
    INGOT_FN F operator()(int, F d) const { return d; }
};

struct keep_above {
    int32_t threshold;
    INGOT_FN F operator()(int, F d) const { return kept(greater(magnitude_key(d), splat<I>(threshold)), d); }
};

// For the block in which ties end: those at elements below cut are kept.
struct keep_ties_below {
    int32_t threshold;
    int32_t cut;

    INGOT_FN F operator()(int i, F d) const {
        const I key = magnitude_key(d);
        const I element = add(iota(), splat<I>(i));
        const M tie = both(equal(key, splat<I>(threshold)), greater(splat<I>(cut), element));
        return kept(either(greater(key, splat<I>(threshold)), tie), d);
    }
};

struct keep_words_below {
    const int32_t *words;
    uint32_t limit;

    INGOT_FN F operator()(int i, F d) const {
        return kept(less_unsigned(load_i32(words + i), splat<I>((int32_t)limit)), d);
    }
};

// Random words of elements index, index + 1, ...: at most 3 in front for a start inside a counter's block of four, and
// the rest of the last vector of counters.
struct alignas(64) word_block {
    int32_t v[kBlock + 4 * kCounters + 4];
};

static const int32_t *random_words(uint64_t key, int64_t index, int n, word_block &out) {
    const int skipped = (int)(index & 3);
    const uint64_t first = (uint64_t)index >> 2;
    for (int i = 0; i < skipped + n; i += 4 * kCounters) {
        const philox_block<U> block = philox4x32_10_at(counters_from(first + (uint64_t)(i / 4)), key);
        store_words(out.v + i, block.w0, block.w1, block.w2, block.w3);
    }
    return out.v + skipped;
}

// Calls body with the functor for the block of n elements whose first has this flat index.
template <class Body>
INGOT_FN void with_mask(const ingot_mask_spec &mask, int64_t index, int n, const Body &body) {
    if (mask.kind == INGOT_MASK_NONE) return body(keep_all{});
    if (mask.kind == INGOT_MASK_RANDOM) {
        word_block words;
        return body(keep_words_below{random_words(mask.key, index, n, words), mask.keep_below});
    }
    if (mask.tie_cut <= index || mask.threshold == INT32_MIN) return body(keep_above{mask.threshold});
    if (mask.tie_cut >= index + n) return body(keep_above{mask.threshold - 1});
    body(keep_ties_below{mask.threshold, (int32_t)(mask.tie_cut - index)});
}

}  // namespace INGOT_NAMESPACE

#endif
