// SPDX-License-Identifier: Apache-2.0
//
// The other steps of exact selection: sampled keys, histograms, the position of a tie.
#ifndef INGOT_KERNELS_SELECT_H
#define INGOT_KERNELS_SELECT_H

#include "keys.h"

namespace INGOT_NAMESPACE {

static int64_t count_equal(const int32_t *keys, int64_t count, int32_t key) {
    const I wanted = splat<I>(key);
    int64_t total = 0;
    int64_t i = 0;
    while (i + kLanes <= count) {
        // Lanes count in 32 bits: a sum is taken before they can overflow.
        const int64_t stop = count - i > INT32_MAX ? i + INT32_MAX : count;
        I equal_lanes = splat<I>(0);
        for (; i + kLanes <= stop; i += kLanes)
            equal_lanes = count_lanes(equal_lanes, equal(load_i32(keys + i), wanted));
        total += sum_lanes(equal_lanes);
    }
    for (; i < count; i++) total += keys[i] == key;
    return total;
}

INGOT_FN void gather(const ingot_operand &operand, const int64_t *positions, int n, float_block &out) {
    alignas(64) char elements[kBlock * 8];
    const int bytes = bytes_of(operand.dtype);
    for (int i = 0; i < n; i++) {
        const char *p = (const char *)operand.data + positions[i] * bytes;
        switch (bytes) {
            case 8: memcpy(elements + (size_t)i * 8, p, 8); break;
            case 4: memcpy(elements + (size_t)i * 4, p, 4); break;
            case 2: memcpy(elements + (size_t)i * 2, p, 2); break;
            default: elements[i] = *p;
        }
    }
    widen_block({elements, operand.dtype, 0}, 0, n, out);
}

static void select_sample(const ingot_select_sample_args &args) {
    float_block base, model;
    int_block keys;
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        gather(args.base, args.positions + start, n, base);
        gather(args.model, args.positions + start, n, model);
        keys_of_block({model.v, INGOT_F32, 0}, base, 0, n, keys);
        memcpy(args.keys + start, keys.v, (size_t)n * sizeof(int32_t));
    }
}

static void select_histogram(const ingot_select_histogram_args &args) {
    float_block base;
    int_block keys;
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        widen_block(args.base, start, n, base);
        keys_of_block(args.model, base, start, n, keys);
        if (args.prefix < 0) {
            for (int i = 0; i < n; i++) args.bins[keys.v[i] >> 15]++;
        } else {
            for (int i = 0; i < n; i++) {
                if (keys.v[i] >> 15 == args.prefix) args.bins[keys.v[i] & 0x7fff]++;
            }
        }
    }
}

// position starts at -1.
static void select_nth_equal(ingot_select_nth_args &args) {
    float_block base;
    int_block keys;
    int64_t left = args.nth;
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        widen_block(args.base, start, n, base);
        keys_of_block(args.model, base, start, n, keys);
        const int64_t here = count_equal(keys.v, n, args.key);
        if (here < left) {
            left -= here;
            continue;
        }
        int i = 0;
        for (;; i++) {
            if (keys.v[i] == args.key && --left == 0) break;
        }
        args.position = start + i;
        return;
    }
}

}  // namespace INGOT_NAMESPACE

#endif
