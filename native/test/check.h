// SPDX-License-Identifier: Apache-2.0
//
// A few lines instead of a test framework: checks that report and count, a seeded generator, all instruction sets in
// turn.
#ifndef INGOT_TEST_CHECK_H
#define INGOT_TEST_CHECK_H

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "ingot/ingot.h"

inline int failures = 0;

// Reports the first failures in full and counts the rest.
#define CHECK(condition, ...)                                      \
    do {                                                           \
        if (!(condition) && ++failures <= 20) {                    \
            printf("%s:%d: %s: ", __FILE__, __LINE__, #condition); \
            printf(__VA_ARGS__);                                   \
            printf("\n");                                          \
        }                                                          \
    } while (0)

inline int finish(const char *name) {
    printf("%s: %s (%d failures)\n", name, failures ? "FAILED" : "ok", failures);
    return failures ? 1 : 0;
}

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct generator {
    uint64_t state;

    uint64_t next() {
        uint64_t z = state += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    int64_t below(int64_t limit) { return (int64_t)(next() % (uint64_t)limit); }
    float between(float low, float high) { return low + (high - low) * (float)((double)(next() >> 11) * 0x1p-53); }
};

// Runs body with every instruction set that this machine has; says which are left out.
template <class Body>
void for_each_isa(const Body &body) {
    for (int32_t isa = 0; isa < ingot_isa_count(); isa++) {
        if (!ingot_isa_available(isa)) {
            printf("not tested here, as the processor lacks it: %s\n", ingot_isa_name(isa));
            continue;
        }
        CHECK(ingot_isa_select(isa) == INGOT_OK, "%s", ingot_isa_name(isa));
        CHECK(ingot_isa_current() == isa, "%s", ingot_isa_name(isa));
        body(ingot_isa_name(isa));
    }
}

// Around every lane count and block length, and more than one chunk of the reductions.
inline const std::vector<int64_t> sizes = {0,  1,  2,  3,  4,  5,   7,   8,   9,   15,   16,   17,    31,    32,
                                           33, 63, 64, 65, 99, 511, 512, 513, 777, 1025, 4097, 16384, 16385, 33333};

constexpr int32_t dtypes[] = {INGOT_F32, INGOT_BF16, INGOT_F16, INGOT_F64, INGOT_F8_E4M3, INGOT_F8_E5M2};
inline const char *const dtype_names[] = {"f32", "bf16", "f16", "f64", "e4m3", "e5m2"};

#endif
