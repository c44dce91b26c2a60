// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_SELECT_KEYS_CUH
#define INGOT_SELECT_KEYS_CUH

#include "operand_vector.cuh"

#include "ingot/math/delta.h"

namespace INGOT_NAMESPACE {

// Of an element behind the end: equal to no key of a delta.
constexpr int32_t kNoKey = -1;

// Keys of the deltas of eight neighbours; kNoKey from count on. Nothing is read where there is no element.
INGOT_DEVICE void keys_at(const ingot_operand &base, const ingot_operand &model, int64_t index, int64_t count,
                          int32_t (&keys)[INGOT_GPU_VECTOR]) {
    const int64_t readable = index < count ? index : 0;
    const any_vector::raw raw_base = any_vector::load(base, readable);
    const any_vector::raw raw_model = any_vector::load(model, readable);
    float b[INGOT_GPU_VECTOR], d[INGOT_GPU_VECTOR];
    any_vector::widen(raw_base, base.dtype, b);
    any_vector::widen(raw_model, model.dtype, d);
    subtract(b, d);
#pragma unroll
    for (int e = 0; e < INGOT_GPU_VECTOR; e++) keys[e] = index + e < count ? magnitude_key(d[e]) : kNoKey;
}

}  // namespace INGOT_NAMESPACE

#endif
