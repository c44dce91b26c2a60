// SPDX-License-Identifier: Apache-2.0
//
// Element types as kernels see them: packed 32-bit words in memory and registers, float32 for arithmetic. Memory is
// accessed in words of 16 bytes where n elements have as many; arrays are indexed by constants once loops are unrolled,
// so that all of them are registers.
#ifndef INGOT_VECTOR_CUH
#define INGOT_VECTOR_CUH

#include "kernel.cuh"

#include "ingot/math/convert.h"

#define INGOT_DEVICE __device__ __forceinline__

namespace INGOT_NAMESPACE {

// --- elements of packed words: get widens element e, put narrows n elements to the words ---------------------------

struct f32_storage {
    static constexpr int bytes = 4;
    static INGOT_DEVICE float get(const uint32_t *word, int e) { return from_bits((int32_t)word[e]); }
    template <int n>
    static INGOT_DEVICE void put(uint32_t *word, const float (&x)[n]) {
#pragma unroll
        for (int e = 0; e < n; e++) word[e] = (uint32_t)bits(canonical(x[e]));
    }
};

// Codes of 16 bits.
template <class Codec>
struct storage_16 {
    static constexpr int bytes = 2;
    static INGOT_DEVICE float get(const uint32_t *word, int e) {
        return Codec::widen((int32_t)(e % 2 ? word[e / 2] >> 16 : word[e / 2] & 0xffff));
    }
    template <int n>
    static INGOT_DEVICE void put(uint32_t *word, const float (&x)[n]) {
        bool all_numbers = true;
#pragma unroll
        for (int e = 0; e < n; e += 2) all_numbers = all_numbers && !is_nan(x[e]) && !is_nan(x[e + 1]);
        if (all_numbers) {
#pragma unroll
            for (int e = 0; e < n; e += 2) word[e / 2] = Codec::pack(x[e], x[e + 1]);
        } else {
#pragma unroll
            for (int e = 0; e < n; e += 2) {
                word[e / 2] = (uint32_t)Codec::narrow(x[e]) | (uint32_t)Codec::narrow(x[e + 1]) << 16;
            }
        }
    }
};

// The processor's own conversions round to nearest even, with subnormals; only their NaN is another one, so that they
// take only numbers. pack puts two codes into a word.
struct bf16_codec {
    static INGOT_DEVICE float widen(int32_t code) { return widen_bf16(code); }
    static INGOT_DEVICE int32_t narrow(float x) { return narrow_bf16(x); }
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    static INGOT_DEVICE uint32_t pack(float low, float high) {
        uint32_t word;
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
        return word;
    }
#else
    static INGOT_DEVICE uint32_t pack(float low, float high) { return narrow(low) | (uint32_t)narrow(high) << 16; }
#endif
};

struct f16_codec {
    static INGOT_DEVICE int32_t narrow(float x) { return narrow_small<f16_layout>(x); }
#ifdef __CUDA_ARCH__
    static INGOT_DEVICE float widen(int32_t code) {
        float x;
        asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"((uint16_t)code));
        return x;
    }
#else
    static INGOT_DEVICE float widen(int32_t code) { return widen_small<f16_layout>(code); }
#endif
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    static INGOT_DEVICE uint32_t pack(float low, float high) {
        uint32_t word;
        asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
        return word;
    }
#else
    static INGOT_DEVICE uint32_t pack(float low, float high) { return narrow(low) | (uint32_t)narrow(high) << 16; }
#endif
};

using bf16_storage = storage_16<bf16_codec>;
using f16_storage = storage_16<f16_codec>;

struct f64_storage {
    static constexpr int bytes = 8;
    static INGOT_DEVICE float get(const uint32_t *word, int e) {
        const uint64_t code = (uint64_t)word[2 * e + 1] << 32 | word[2 * e];
        return __double2float_rn(__longlong_as_double((long long)code));
    }
    template <int n>
    static INGOT_DEVICE void put(uint32_t *word, const float (&x)[n]) {
#pragma unroll
        for (int e = 0; e < n; e++) {
            const uint64_t code = (uint64_t)__double_as_longlong((double)x[e]);
            word[2 * e] = is_nan(x[e]) ? 0 : (uint32_t)code;
            word[2 * e + 1] = is_nan(x[e]) ? 0x7ff80000u : (uint32_t)(code >> 32);
        }
    }
};

template <class Layout>
struct storage_8 {
    static constexpr int bytes = 1;
    static INGOT_DEVICE float get(const uint32_t *word, int e) {
        return widen_small<Layout>((int32_t)(word[e / 4] >> (8 * (e % 4)) & 0xff));
    }
    template <int n>
    static INGOT_DEVICE void put(uint32_t *word, const float (&x)[n]) {
#pragma unroll
        for (int e = 0; e < n; e++) {
            const uint32_t code = (uint32_t)narrow_small<Layout>(x[e]) << (8 * (e % 4));
            word[e / 4] = e % 4 ? word[e / 4] | code : code;
        }
    }
};

using e4m3_storage = storage_8<e4m3_layout>;
using e5m2_storage = storage_8<e5m2_layout>;

// body(T()) with the storage of a type known at run time.
template <class Body>
INGOT_DEVICE void with_storage(int32_t dtype, const Body &body) {
    switch (dtype) {
        case INGOT_F32: return body(f32_storage());
        case INGOT_BF16: return body(bf16_storage());
        case INGOT_F16: return body(f16_storage());
        case INGOT_F64: return body(f64_storage());
        case INGOT_F8_E4M3: return body(e4m3_storage());
        default: return body(e5m2_storage());
    }
}

// --- n consecutive elements, 4 or 8, the first at a multiple of n ----------------------------------------------------

template <class T, int n>
struct packed {
    uint32_t word[n * T::bytes / 4];
};

// What the caches are told of the data. What no later kernel reads leaves them first (evict-first: LDG.EF, STG.EF), so
// that it does not drive out what a scan left in the second-level cache for the merge. Only `later` needs data that
// nobody writes while the kernel runs.
enum class reuse { never, later };

template <reuse hint, class Word>
INGOT_DEVICE Word read(const Word *p) {
    return hint == reuse::never ? __ldcs(p) : __ldg(p);
}

template <class T, int n, reuse hint = reuse::later>
INGOT_DEVICE packed<T, n> load(const void *data, int64_t index) {
    const char *p = static_cast<const char *>(data) + index * T::bytes;
    constexpr int words = n * T::bytes / 4;
    packed<T, n> result;
    if constexpr (words == 1) {
        result.word[0] = read<hint>(reinterpret_cast<const unsigned *>(p));
    } else if constexpr (words == 2) {
        const uint2 w = read<hint>(reinterpret_cast<const uint2 *>(p));
        result.word[0] = w.x;
        result.word[1] = w.y;
    } else {
#pragma unroll
        for (int i = 0; i < words; i += 4) {
            const uint4 w = read<hint>(reinterpret_cast<const uint4 *>(p) + i / 4);
            result.word[i] = w.x;
            result.word[i + 1] = w.y;
            result.word[i + 2] = w.z;
            result.word[i + 3] = w.w;
        }
    }
    return result;
}

template <class T, int n>
INGOT_DEVICE void store(const packed<T, n> &x, void *data, int64_t index) {
    char *p = static_cast<char *>(data) + index * T::bytes;
    constexpr int words = n * T::bytes / 4;
    if constexpr (words == 1) {
        __stcs(reinterpret_cast<unsigned *>(p), x.word[0]);
    } else if constexpr (words == 2) {
        __stcs(reinterpret_cast<uint2 *>(p), make_uint2(x.word[0], x.word[1]));
    } else {
#pragma unroll
        for (int i = 0; i < words; i += 4) {
            __stcs(reinterpret_cast<uint4 *>(p) + i / 4,
                   make_uint4(x.word[i], x.word[i + 1], x.word[i + 2], x.word[i + 3]));
        }
    }
}

template <class T, int n>
INGOT_DEVICE void widen(const packed<T, n> &packed, float (&x)[n]) {
#pragma unroll
    for (int e = 0; e < n; e++) x[e] = T::get(packed.word, e);
}

template <class T, int n>
INGOT_DEVICE packed<T, n> narrow(const float (&x)[n]) {
    packed<T, n> result;
    T::put(result.word, x);
    return result;
}

}  // namespace INGOT_NAMESPACE

#endif
