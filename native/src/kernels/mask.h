// SPDX-License-Identifier: Apache-2.0
//
// Which elements of a block of deltas are kept: small functors that give the mask of the vector at element i of the
// block.
#ifndef INGOT_KERNELS_MASK_H
#define INGOT_KERNELS_MASK_H

#include "block.h"
#include "ingot/math/delta.h"
#include "ingot/math/philox.h"

namespace INGOT_NAMESPACE {

struct keep_all {
    INGOT_FN F operator()(int, F d) const { return d; }
};

// Bit patterns above a threshold below that of NaN: no key has to be computed, as all NaN patterns are above it.
struct keep_above {
    int32_t threshold;
    INGOT_FN F operator()(int, F d) const { return keep(greater(bits(magnitude(d)), splat<I>(threshold)), d); }
};

// For the block in which ties end: those at elements below cut are kept.
struct keep_ties_below {
    int32_t threshold;
    int32_t cut;

    INGOT_FN F operator()(int i, F d) const {
        const I key = magnitude_key(d);
        const I element = add(iota(), splat<I>(i));
        const M tie = both(equal(key, splat<I>(threshold)), greater(splat<I>(cut), element));
        return keep(either(greater(key, splat<I>(threshold)), tie), d);
    }
};

struct keep_words_below {
    const int32_t *words;
    uint32_t limit;

    INGOT_FN F operator()(int i, F d) const {
        return keep(less_unsigned(load_i32(words + i), splat<I>((int32_t)limit)), d);
    }
};

// Bits of a block, from the lowest one on.
struct keep_bits {
    const uint32_t *bits;

    INGOT_FN F operator()(int i, F d) const { return keep(mask_from_bits(bits[i >> 5] >> (i & 31)), d); }
};

struct bit_block {
    uint32_t v[kBlock / 32];
};

// The bits of n elements from flat index `index` on, then zeros.
static void load_bits(const void *table, int64_t index, int n, bit_block &out) {
    const int shift = (int)(index & 7);
    uint64_t words[kBlock / 64 + 1] = {};
    memcpy(words, (const unsigned char *)table + (index >> 3), (size_t)((shift + n + 7) >> 3));
    for (int w = 0; w < kBlock / 64; w++) {
        const uint64_t word = words[w] >> shift | words[w + 1] << 1 << (63 - shift);
        memcpy(out.v + 2 * w, &word, sizeof word);
    }
}

// Vectors of counters that go through the rounds together (measured: 4 is best on Zen 5, 2 nearly as good).
constexpr int kSideBySide = 4;

// Random words of elements index, index + 1, ...: at most 3 in front for a start inside a counter's block of four, and
// the rest of the last vector of counters.
struct alignas(64) word_block {
    int32_t v[kBlock + kSideBySide * 4 * kCounters + 4];
};

static const int32_t *random_words(uint64_t key, int64_t index, int n, word_block &out) {
    constexpr int words = 4 * kCounters;
    const int skipped = (int)(index & 3);
    const philox_keys<U> keys(key);
    uint64_t counter = (uint64_t)index >> 2;
    for (int i = 0; i < skipped + n; i += kSideBySide * words) {
        philox_block<U> blocks[kSideBySide];
        for (int b = 0; b < kSideBySide; b++)
            blocks[b] = philox_counter(counters_from(counter + (uint64_t)(b * kCounters)));
        philox4x32_10(blocks, keys);
        for (int b = 0; b < kSideBySide; b++) {
            store_words(out.v + i + b * words, blocks[b].w0, blocks[b].w1, blocks[b].w2, blocks[b].w3);
        }
        counter += kSideBySide * kCounters;
    }
    return out.v + skipped;
}

// A random word as a number in [0, 1), a multiple of 2^-24.
INGOT_FN F uniform(I word) {
    // 23 bits in the mantissa of 2^23, and the bit above them apart.
    const I x = shift_right<8>(word);
    const F low = sub(from_bits(bit_or(bit_and(x, splat<I>(0x7fffff)), splat<I>(0x4b000000))), splat<F>(8388608.0f));
    const F high = keep(greater(x, splat<I>(0x7fffff)), splat<F>(8388608.0f));
    return mul(add(low, high), splat<F>(0x1p-24f));
}

// Calls body with the functor for the block of n elements whose first has this flat index.
template <class Body>
INGOT_FN void with_mask(const ingot_mask_spec &mask, int64_t index, int n, const Body &body) {
    if (mask.kind == INGOT_MASK_NONE) return body(keep_all{});
    if (mask.kind == INGOT_MASK_RANDOM) {
        word_block words;
        // Zeros may follow the last element, up to the end of its group of accumulators: they need defined words.
        return body(keep_words_below{random_words(mask.key, index, (n + 15) / 16 * 16, words), mask.keep_below});
    }
    if (mask.kind == INGOT_MASK_BITS) {
        bit_block bits;
        load_bits(mask.bits, index, n, bits);
        return body(keep_bits{bits.v});
    }
    const bool all_ties = mask.tie_cut >= index + n;
    const bool no_ties = mask.tie_cut <= index;
    // Thresholds at the ends of the key range are rare and left to the functor that compares whole keys.
    if ((all_ties || no_ties) && mask.threshold > INT32_MIN && mask.threshold < 0x7fc00000) {
        return body(keep_above{all_ties ? mask.threshold - 1 : mask.threshold});
    }
    const int64_t cut = all_ties ? n : no_ties ? 0 : mask.tie_cut - index;
    body(keep_ties_below{mask.threshold, (int32_t)cut});
}

}  // namespace INGOT_NAMESPACE

#endif
