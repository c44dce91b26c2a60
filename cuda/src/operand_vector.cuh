// SPDX-License-Identifier: Apache-2.0
//
// Eight neighbouring elements of an operand, loaded now and widened later: so that the loads of several operands are
// under way before the first one is needed. One interface for a type known to the compiler and for any type.
#ifndef INGOT_OPERAND_VECTOR_CUH
#define INGOT_OPERAND_VECTOR_CUH

#include "vector.cuh"

namespace INGOT_NAMESPACE {

// Operands that are all of type T.
template <class T>
struct vector_of {
    using raw = packed<T, INGOT_GPU_VECTOR>;

    static INGOT_DEVICE raw load(const ingot_operand &operand, int64_t index) {
        return INGOT_NAMESPACE::load<T, INGOT_GPU_VECTOR>(operand.data, index);
    }

    static INGOT_DEVICE void widen(const raw &from, int32_t, float (&x)[INGOT_GPU_VECTOR]) {
        INGOT_NAMESPACE::widen(from, x);
    }
};

using bf16_vector = vector_of<bf16_storage>;
using f16_vector = vector_of<f16_storage>;
using f32_vector = vector_of<f32_storage>;

// Operands of the types that they name.
struct any_vector {
    struct raw {
        uint32_t word[INGOT_GPU_VECTOR];
    };

    static INGOT_DEVICE raw load(const ingot_operand &operand, int64_t index) {
        raw result = {};
        with_storage(operand.dtype, [&](auto storage) {
            using T = decltype(storage);
            const auto loaded = vector_of<T>::load(operand, index);
            if constexpr (T::bytes > 4) {
                // Rounded at once, as it would fill twice the registers.
#pragma unroll
                for (int e = 0; e < INGOT_GPU_VECTOR; e++) result.word[e] = (uint32_t)bits(T::get(loaded.word, e));
            } else {
#pragma unroll
                for (int i = 0; i < INGOT_GPU_VECTOR * T::bytes / 4; i++) result.word[i] = loaded.word[i];
            }
        });
        return result;
    }

    static INGOT_DEVICE void widen(const raw &from, int32_t dtype, float (&x)[INGOT_GPU_VECTOR]) {
        with_storage(dtype == INGOT_F64 ? INGOT_F32 : dtype, [&](auto storage) {
            using T = decltype(storage);
#pragma unroll
            for (int e = 0; e < INGOT_GPU_VECTOR; e++) x[e] = T::get(from.word, e);
        });
    }
};

// d = x - base
INGOT_DEVICE void subtract(const float (&base)[INGOT_GPU_VECTOR], float (&x)[INGOT_GPU_VECTOR]) {
#pragma unroll
    for (int e = 0; e < INGOT_GPU_VECTOR; e++) x[e] = sub(x[e], base[e]);
}

}  // namespace INGOT_NAMESPACE

#endif
