// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_KERNELS_KEYS_H
#define INGOT_KERNELS_KEYS_H

#include "block.h"
#include "ingot/math/delta.h"

namespace INGOT_NAMESPACE {

struct key_loop {
    const float *base;
    int32_t *keys;

    template <class T>
    void run(const char *p, int n) const {
        const float *b = base;
        int32_t *out = keys;
        for_each_vector<T>(p, n, [=](int i, F x) { store_i32(out + i, magnitude_key(sub(x, load_f32(b + i)))); });
    }
};

// Selection keys of a block of deltas.
INGOT_FN void keys_of_block(const ingot_operand &model, const float_block &base, int64_t start, int n,
                            int_block &keys) {
    with_block(model, start, n, key_loop{base.v, keys.v});
}

}  // namespace INGOT_NAMESPACE

#endif
