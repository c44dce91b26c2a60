/* SPDX-License-Identifier: Apache-2.0 */
/* Types, constants and instruction sets that all kernels share. Part of ingot.h. */
#ifndef INGOT_OPERAND_H
#define INGOT_OPERAND_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define INGOT_API __declspec(dllexport)
#else
#define INGOT_API __attribute__((visibility("default")))
#endif

/* Raised whenever a struct, a constant or the meaning of a function changes. */
#define INGOT_ABI_VERSION 4

/* Elements per partial sum of a reduction; tiles of reductions start at multiples of it. */
#define INGOT_CHUNK 16384

/* Most models a delta kernel takes in one call. */
#define INGOT_MAX_TERMS 64

enum ingot_status {
    INGOT_OK = 0,
    INGOT_INVALID_ARGUMENT = 1,
    /* A mapped input could not be read: the file became shorter or its device failed. */
    INGOT_INPUT_FAULT = 2
};

enum ingot_dtype {
    INGOT_F32 = 0,
    INGOT_BF16 = 1,
    INGOT_F16 = 2,
    INGOT_F64 = 3,
    INGOT_F8_E4M3 = 4,
    INGOT_F8_E5M2 = 5
};

enum ingot_mask {
    /* Every element is kept. */
    INGOT_MASK_NONE = 0,
    /* Kept iff bits(|d|) > threshold, or bits(|d|) == threshold and the flat index is below tie_cut. */
    INGOT_MASK_MAGNITUDE = 1,
    /* Kept iff word(i) < keep_below, word(i) = output i mod 4 of Philox-4x32-10 with this key and counter i / 4. */
    INGOT_MASK_RANDOM = 2,
    /* Kept iff the bit of the flat index is set. */
    INGOT_MASK_BITS = 3
};

/* --- instruction sets: an ordered list, worst first; the best available one is chosen at the first call --------- */

INGOT_API int32_t ingot_abi_version(void);
INGOT_API int32_t ingot_isa_count(void);
/* Name of variant i ("scalar", "avx2", "avx512", "neon"), null when out of range. */
INGOT_API const char *ingot_isa_name(int32_t index);
/* 1 if this processor and operating system can run variant i. */
INGOT_API int32_t ingot_isa_available(int32_t index);
/* Makes variant i the current one for all later calls. */
INGOT_API int32_t ingot_isa_select(int32_t index);
INGOT_API int32_t ingot_isa_current(void);

/* --- operands --------------------------------------------------------------------------------------------------- */

/* One tensor's elements of a tile; data points at the first element of the tile. */
typedef struct ingot_operand {
    void *data;
    int32_t dtype;
    int32_t reserved;
} ingot_operand;

/* Which elements of a delta d = x - base are kept. */
typedef struct ingot_mask_spec {
    int32_t kind;
    int32_t threshold;
    int64_t tie_cut;
    uint64_t key;
    uint32_t keep_below;
    int32_t reserved;
    /* Of the whole tensor, lowest bit of the first byte first. */
    const void *bits;
} ingot_mask_spec;

#ifdef __cplusplus
}
#endif

#endif
