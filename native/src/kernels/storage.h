// SPDX-License-Identifier: Apache-2.0
//
// Element types as kernels see them: bytes in memory, F in registers.
#ifndef INGOT_KERNELS_STORAGE_H
#define INGOT_KERNELS_STORAGE_H

#include "ingot/ingot.h"
#include "ingot/math/convert.h"

namespace INGOT_NAMESPACE {

struct f32_storage {
    static constexpr int bytes = 4;
    static INGOT_FN F load(const char *p) { return load_f32(p); }
    static INGOT_FN void store(char *p, F x) { store_f32(p, canonical(x)); }
};

struct bf16_storage {
    static constexpr int bytes = 2;
    static INGOT_FN F load(const char *p) { return widen_bf16(load_u16(p)); }
    static INGOT_FN void store(char *p, F x) { store_u16(p, narrow_bf16(x)); }
};

struct f16_storage {
    static constexpr int bytes = 2;
    static INGOT_FN F load(const char *p) { return load_f16(p); }
    static INGOT_FN void store(char *p, F x) { store_u16(p, narrow_f16(x)); }
};

struct f64_storage {
    static constexpr int bytes = 8;
    static INGOT_FN F load(const char *p) { return load_f64(p); }
    static INGOT_FN void store(char *p, F x) { store_f64(p, canonical(x)); }
};

struct e4m3_storage {
    static constexpr int bytes = 1;
    static INGOT_FN F load(const char *p) { return widen_small<e4m3_layout>(load_u8(p)); }
    static INGOT_FN void store(char *p, F x) { store_u8(p, narrow_small<e4m3_layout>(x)); }
};

struct e5m2_storage {
    static constexpr int bytes = 1;
    static INGOT_FN F load(const char *p) { return widen_small<e5m2_layout>(load_u8(p)); }
    static INGOT_FN void store(char *p, F x) { store_u8(p, narrow_small<e5m2_layout>(x)); }
};

INGOT_FN int bytes_of(int32_t dtype) {
    switch (dtype) {
        case INGOT_F64: return 8;
        case INGOT_F32: return 4;
        case INGOT_BF16:
        case INGOT_F16: return 2;
        default: return 1;
    }
}

// The n < kLanes elements at p, then zeros.
template <class T>
INGOT_FN F load_first(const char *p, int n) {
    char whole[kLanes * T::bytes] = {};
    memcpy(whole, p, (size_t)n * T::bytes);
    return T::load(whole);
}

template <class T>
INGOT_FN void store_first(char *p, int n, F x) {
    char whole[kLanes * T::bytes];
    T::store(whole, x);
    memcpy(p, whole, (size_t)n * T::bytes);
}

}  // namespace INGOT_NAMESPACE

#endif
