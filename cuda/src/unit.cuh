// SPDX-License-Identifier: Apache-2.0
//
// How elementwise kernels divide their work: a thread takes units of consecutive elements, of which every operand needs
// at most 16 bytes in registers, INGOT_GPU_VECTOR elements in all. Neighbouring threads take neighbouring units, so
// that an access of a warp covers whole sectors of 32 bytes: 8 elements of 4 bytes to a thread would be read and
// written by halves of sectors.
#ifndef INGOT_UNIT_CUH
#define INGOT_UNIT_CUH

#include "vector.cuh"

namespace INGOT_NAMESPACE {

// Operands of one type known at compile time: 8 elements of 2 bytes, or 4 of 4.
template <class T>
struct unit_of {
    static constexpr int elements = 16 / T::bytes;
    // Operands that are loaded before the first of them is used.
    static constexpr int batch = 8;
    using raw = packed<T, elements>;

    static INGOT_DEVICE raw load(const ingot_operand &operand, int64_t index) {
        return INGOT_NAMESPACE::load<T, elements, reuse::never>(operand.data, index);
    }
    static INGOT_DEVICE void widen(const raw &x, float (&out)[elements]) { INGOT_NAMESPACE::widen(x, out); }
    static INGOT_DEVICE void store(const float (&x)[elements], const ingot_operand &operand, int64_t index) {
        INGOT_NAMESPACE::store(narrow<T, elements>(x), operand.data, index);
    }
};

// Operands of any type, known at run time.
struct any_unit {
    static constexpr int elements = 4;
    static constexpr int batch = 4;

    struct raw {
        uint32_t word[4];
        int32_t dtype;
    };

    static INGOT_DEVICE raw load(const ingot_operand &operand, int64_t index) {
        const void *data = operand.data;
        raw x = {{0, 0, 0, 0}, operand.dtype};
        with_storage(x.dtype, [&](auto storage) {
            using T = decltype(storage);
            const auto loaded = INGOT_NAMESPACE::load<T, elements, reuse::never>(data, index);
            if constexpr (T::bytes == 8) {
                // The only type wider than its float32 values: widened at once.
#pragma unroll
                for (int e = 0; e < elements; e++) x.word[e] = (uint32_t)bits(T::get(loaded.word, e));
                x.dtype = INGOT_F32;
            } else {
#pragma unroll
                for (int i = 0; i < T::bytes; i++) x.word[i] = loaded.word[i];
            }
        });
        return x;
    }

    static INGOT_DEVICE void widen(const raw &x, float (&out)[elements]) {
        with_storage(x.dtype, [&](auto storage) {
            using T = decltype(storage);
            if constexpr (T::bytes <= 4) {
#pragma unroll
                for (int e = 0; e < elements; e++) out[e] = T::get(x.word, e);
            }
        });
    }

    static INGOT_DEVICE void store(const float (&x)[elements], const ingot_operand &operand, int64_t index) {
        with_storage(operand.dtype, [&](auto storage) {
            INGOT_NAMESPACE::store(narrow<decltype(storage), elements>(x), operand.data, index);
        });
    }
};

template <int n>
struct constant {
    static constexpr int value = n;
};

// body(constant<n>()) for a count n, from 1 to most, known at run time.
template <int most, class Body>
INGOT_DEVICE void with_count(int n, const Body &body) {
    if constexpr (most > 1) {
        if (n < most) return with_count<most - 1>(n, body);
    }
    body(constant<most>());
}

// body(index of the unit's first element) for this thread's units among extent elements. One after the other: what the
// processor needs in flight, it has from many threads with few registers each.
template <class U, int threads, class Body>
INGOT_DEVICE void for_each_unit(int64_t extent, const Body &body) {
    constexpr int stride = threads * U::elements;
    int64_t index = (int64_t)blockIdx.x * (threads * INGOT_GPU_VECTOR) + threadIdx.x * U::elements;
#pragma unroll 1
    for (int unit = 0; unit < INGOT_GPU_VECTOR / U::elements && index < extent; unit++) {
        body(index);
        index += stride;
    }
}

}  // namespace INGOT_NAMESPACE

#endif
