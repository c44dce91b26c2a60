// SPDX-License-Identifier: Apache-2.0
//
// Element types by their definition: values are computed with ldexp, roundings searched in the sorted list of all
// values. Slow, and independent of the formulas under test.
#ifndef INGOT_TEST_ORACLE_H
#define INGOT_TEST_ORACLE_H

#include <algorithm>
#include <cmath>

#include "check.h"

struct format {
    int exponent_bits, mantissa_bits;
    bool infinity;
    uint32_t nan;

    int width() const { return 1 + exponent_bits + mantissa_bits; }

    double decode(uint32_t code) const {
        const int bias = (1 << (exponent_bits - 1)) - 1;
        const uint32_t mantissa = code & ((1u << mantissa_bits) - 1);
        const int exponent = (int)((code >> mantissa_bits) & ((1u << exponent_bits) - 1));
        const double sign = (code >> (width() - 1)) ? -1.0 : 1.0;
        const bool top = exponent == (1 << exponent_bits) - 1;
        if (infinity && top) return mantissa ? NAN : sign * INFINITY;
        if (!infinity && top && mantissa == (1u << mantissa_bits) - 1) return NAN;
        if (exponent == 0) return sign * std::ldexp((double)mantissa, 1 - bias - mantissa_bits);
        return sign * std::ldexp((double)(mantissa + (1u << mantissa_bits)), exponent - bias - mantissa_bits);
    }

    const std::vector<double> &finite_values() const {
        if (values.empty()) {
            for (uint32_t code = 0; std::isfinite(decode(code)); code++) values.push_back(decode(code));
        }
        return values;
    }

    uint32_t encode(float x) const {
        if (x != x) return nan;
        const std::vector<double> &all = finite_values();
        const uint32_t sign = std::signbit(x) ? 1u << (width() - 1) : 0;
        const double magnitude = std::fabs((double)x);
        const size_t last = all.size() - 1;
        const double beyond = all[last] + (all[last] - all[last - 1]) / 2;
        if (magnitude >= all[last]) return sign | (uint32_t)(infinity && magnitude >= beyond ? last + 1 : last);
        const size_t low = (size_t)(std::upper_bound(all.begin(), all.end(), magnitude) - all.begin()) - 1;
        const double middle = (all[low] + all[low + 1]) / 2;
        const bool up = magnitude > middle || (magnitude == middle && (low & 1));
        return sign | (uint32_t)(up ? low + 1 : low);
    }

    mutable std::vector<double> values = {};
};

inline const format &format_of(int32_t dtype) {
    static const format bf16 = {8, 7, true, 0x7fc0}, f16 = {5, 10, true, 0x7e00}, e4m3 = {4, 3, false, 0x7f},
                        e5m2 = {5, 2, true, 0x7e};
    switch (dtype) {
        case INGOT_BF16: return bf16;
        case INGOT_F16: return f16;
        case INGOT_F8_E4M3: return e4m3;
        default: return e5m2;
    }
}

inline size_t element_bytes(int32_t dtype) {
    return dtype == INGOT_F64 ? 8 : dtype == INGOT_F32 ? 4 : (size_t)format_of(dtype).width() / 8;
}

inline float decode(int32_t dtype, const char *p) {
    if (dtype == INGOT_F64) {
        double value;
        memcpy(&value, p, 8);
        return (float)value;
    }
    uint32_t code = 0;
    memcpy(&code, p, element_bytes(dtype));
    float value;
    if (dtype == INGOT_F32) {
        memcpy(&value, &code, 4);
        return value;
    }
    return (float)format_of(dtype).decode(code);
}

inline void encode(int32_t dtype, float x, char *p) {
    if (dtype == INGOT_F64) {
        const double value = x;
        const uint64_t nan = 0x7ff8000000000000u;
        memcpy(p, x != x ? (const void *)&nan : (const void *)&value, 8);
    } else if (dtype == INGOT_F32) {
        const uint32_t nan = 0x7fc00000;
        memcpy(p, x != x ? (const void *)&nan : (const void *)&x, 4);
    } else {
        const uint32_t code = format_of(dtype).encode(x);
        memcpy(p, &code, element_bytes(dtype));
    }
}

// A tensor of one type at an odd or even address.
struct tensor {
    int32_t dtype;
    int64_t count;
    std::vector<char> memory;
    size_t offset;

    tensor(int32_t type, int64_t n, size_t shift)
        : dtype(type), count(n), memory((size_t)n * element_bytes(type) + shift + 64, (char)0x5a), offset(shift) {}

    char *data() { return memory.data() + offset; }
    ingot_operand operand() { return {data(), dtype, 0}; }
    float get(int64_t i) { return decode(dtype, data() + (size_t)i * element_bytes(dtype)); }
    void set(int64_t i, float x) { encode(dtype, x, data() + (size_t)i * element_bytes(dtype)); }
};

// Mostly values near 0.02 on a coarse grid, so that deltas tie; with `wild` also any bit pattern: NaN, infinities, -0.
inline tensor make_tensor(generator &random, int32_t dtype, int64_t n, size_t shift, bool wild) {
    tensor t(dtype, n, shift);
    for (int64_t i = 0; i < n; i++) {
        if (wild && random.below(4) == 0) {
            const uint64_t pattern = random.next();
            memcpy(t.data() + (size_t)i * element_bytes(dtype), &pattern, element_bytes(dtype));
        } else if (wild && random.below(16) == 0) {
            const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1e-40f, -1e-40f, 3e38f};
            t.set(i, special[random.below(8)]);
        } else {
            t.set(i, (float)(random.below(64) - 32) * 0x1p-8f);
        }
    }
    return t;
}

inline bool same_bytes(tensor &a, tensor &b, int64_t *where) {
    const size_t bytes = element_bytes(a.dtype);
    for (int64_t i = 0; i < a.count; i++) {
        if (memcmp(a.data() + (size_t)i * bytes, b.data() + (size_t)i * bytes, bytes)) {
            *where = i;
            return false;
        }
    }
    // And nothing was written behind the end.
    *where = a.count;
    for (size_t i = 0; i < 64; i++) {
        if (a.data()[(size_t)a.count * bytes + i] != (char)0x5a) return false;
    }
    return true;
}

inline int32_t key_of(float x, float base) {
    const float d = x - base;
    int32_t key;
    memcpy(&key, &d, 4);
    return d != d ? 0x7fc00000 : key & 0x7fffffff;
}

// Philox-4x32-10 of the paper, one word at a time.
inline void philox(uint32_t c[4], uint64_t key) {
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
        const uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k0, (uint32_t)p1, (uint32_t)(p0 >> 32) ^ c[3] ^ k1,
                                  (uint32_t)p0};
        memcpy(c, next, sizeof next);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

inline bool is_kept(const ingot_mask_spec &mask, int64_t index, float x, float base) {
    if (mask.kind == INGOT_MASK_NONE) return true;
    if (mask.kind == INGOT_MASK_MAGNITUDE) {
        const int32_t key = key_of(x, base);
        return key > mask.threshold || (key == mask.threshold && index < mask.tie_cut);
    }
    if (mask.kind == INGOT_MASK_BITS) return ((const unsigned char *)mask.bits)[index / 8] >> (index % 8) & 1;
    uint32_t words[4] = {(uint32_t)(index / 4), (uint32_t)((uint64_t)(index / 4) >> 32), 0, 0};
    philox(words, mask.key);
    return words[index % 4] < mask.keep_below;
}

#endif
