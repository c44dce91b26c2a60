// SPDX-License-Identifier: Apache-2.0
//
// CUDA's short vectors with CUDA's alignments. An access through a misaligned pointer is reported: the kernels are
// compiled with -fsanitize=alignment (see checks.cpp).
#ifndef INGOT_SHIM_VECTOR_TYPES_H
#define INGOT_SHIM_VECTOR_TYPES_H

#define INGOT_SHIM_VECTOR2(name, type, alignment)                     \
    struct __attribute__((aligned(alignment))) name {                 \
        type x, y;                                                    \
    };                                                                \
    static inline name make_##name(type x, type y) { return {x, y}; }

#define INGOT_SHIM_VECTOR3(name, type)         \
    struct name {                              \
        type x, y, z;                          \
    };                                         \
    static inline name make_##name(type x, type y, type z) { return {x, y, z}; }

#define INGOT_SHIM_VECTOR4(name, type, alignment)     \
    struct __attribute__((aligned(alignment))) name { \
        type x, y, z, w;                              \
    };                                                \
    static inline name make_##name(type x, type y, type z, type w) { return {x, y, z, w}; }

INGOT_SHIM_VECTOR2(char2, signed char, 2)
INGOT_SHIM_VECTOR2(uchar2, unsigned char, 2)
INGOT_SHIM_VECTOR2(short2, short, 4)
INGOT_SHIM_VECTOR2(ushort2, unsigned short, 4)
INGOT_SHIM_VECTOR2(int2, int, 8)
INGOT_SHIM_VECTOR2(uint2, unsigned, 8)
INGOT_SHIM_VECTOR2(float2, float, 8)
INGOT_SHIM_VECTOR2(longlong2, long long, 16)
INGOT_SHIM_VECTOR2(ulonglong2, unsigned long long, 16)
INGOT_SHIM_VECTOR2(double2, double, 16)
INGOT_SHIM_VECTOR3(int3, int)
INGOT_SHIM_VECTOR3(uint3, unsigned)
INGOT_SHIM_VECTOR4(char4, signed char, 4)
INGOT_SHIM_VECTOR4(uchar4, unsigned char, 4)
INGOT_SHIM_VECTOR4(short4, short, 8)
INGOT_SHIM_VECTOR4(ushort4, unsigned short, 8)
INGOT_SHIM_VECTOR4(int4, int, 16)
INGOT_SHIM_VECTOR4(uint4, unsigned, 16)
INGOT_SHIM_VECTOR4(float4, float, 16)

#undef INGOT_SHIM_VECTOR2
#undef INGOT_SHIM_VECTOR3
#undef INGOT_SHIM_VECTOR4

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};

#endif
