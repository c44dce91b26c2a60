// SPDX-License-Identifier: Apache-2.0
//
// Intrinsics of a single thread: bits, rounded arithmetic, loads and stores with cache hints.
#ifndef INGOT_SHIM_INTRINSICS_H
#define INGOT_SHIM_INTRINSICS_H

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
static inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }

template <class To, class From>
static inline To ingot_shim_bits(From x) {
    static_assert(sizeof(To) == sizeof(From), "sizes differ");
    To result;
    memcpy(&result, &x, sizeof result);
    return result;
}

static inline int __float_as_int(float x) { return ingot_shim_bits<int>(x); }
static inline float __int_as_float(int x) { return ingot_shim_bits<float>(x); }
static inline unsigned __float_as_uint(float x) { return ingot_shim_bits<unsigned>(x); }
static inline float __uint_as_float(unsigned x) { return ingot_shim_bits<float>(x); }
static inline long long __double_as_longlong(double x) { return ingot_shim_bits<long long>(x); }
static inline double __longlong_as_double(long long x) { return ingot_shim_bits<double>(x); }

static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
static inline float __double2float_rn(double x) { return (float)x; }

// Byte i of the result is byte (selector >> 4 i) & 7 of the eight bytes y:x; bit 3 replicates that byte's sign.
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
    const unsigned long long bytes = (unsigned long long)y << 32 | x;
    unsigned result = 0;
    for (int i = 0; i < 4; i++) {
        const unsigned choice = selector >> (4 * i) & 15;
        unsigned byte = (unsigned)(bytes >> (8 * (choice & 7))) & 255;
        if (choice & 8) byte = byte & 128 ? 255 : 0;
        result |= byte << (8 * i);
    }
    return result;
}

template <class T>
static inline T min(T a, T b) {
    return b < a ? b : a;
}

template <class T>
static inline T max(T a, T b) {
    return a < b ? b : a;
}

#define INGOT_SHIM_LOAD(name)                                 \
    template <class T>                                        \
    static __forceinline__ T name(const T *address) {         \
        return *address;                                      \
    }
#define INGOT_SHIM_STORE(name)                                \
    template <class T>                                        \
    static __forceinline__ void name(T *address, T value) {   \
        *address = value;                                     \
    }

INGOT_SHIM_LOAD(__ldg)
INGOT_SHIM_LOAD(__ldca)
INGOT_SHIM_LOAD(__ldcg)
INGOT_SHIM_LOAD(__ldcs)
INGOT_SHIM_LOAD(__ldlu)
INGOT_SHIM_LOAD(__ldcv)
INGOT_SHIM_STORE(__stwb)
INGOT_SHIM_STORE(__stcg)
INGOT_SHIM_STORE(__stcs)
INGOT_SHIM_STORE(__stwt)

#undef INGOT_SHIM_LOAD
#undef INGOT_SHIM_STORE

#endif
