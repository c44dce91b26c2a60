// SPDX-License-Identifier: Apache-2.0
#include "dispatch.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace {

struct variant {
    const char *name;
    bool (*runs_here)();
    const ingot_kernel_table *(*kernels)();
};

bool always() { return true; }

#if defined(INGOT_WITH_AVX2)
// The compiler's own list of feature names has no F16C in older releases.
bool has_f16c() {
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C);
}

bool has_avx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("popcnt") &&
           has_f16c();
}
#endif

#if defined(INGOT_WITH_AVX512)
bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

// Worst first.
constexpr variant variants[] = {
    {"scalar", always, ingot_kernels_scalar},
#if defined(INGOT_WITH_AVX2)
    {"avx2", has_avx2, ingot_kernels_avx2},
#endif
#if defined(INGOT_WITH_AVX512)
    {"avx512", has_avx512, ingot_kernels_avx512},
#endif
#if defined(INGOT_WITH_NEON)
    {"neon", always, ingot_kernels_neon},
#endif
};

constexpr int32_t variant_count = sizeof variants / sizeof variants[0];

// -1 until the first call or selection. Two threads that choose at once choose the same.
int32_t current = -1;

bool in_range(int32_t index) { return index >= 0 && index < variant_count; }

}  // namespace

extern "C" {

int32_t ingot_abi_version(void) { return INGOT_ABI_VERSION; }

int32_t ingot_isa_count(void) { return variant_count; }

const char *ingot_isa_name(int32_t index) { return in_range(index) ? variants[index].name : nullptr; }

int32_t ingot_isa_available(int32_t index) { return in_range(index) && variants[index].runs_here(); }

int32_t ingot_isa_select(int32_t index) {
    if (!ingot_isa_available(index)) return INGOT_INVALID_ARGUMENT;
    __atomic_store_n(&current, index, __ATOMIC_RELAXED);
    return INGOT_OK;
}

int32_t ingot_isa_current(void) {
    int32_t index = __atomic_load_n(&current, __ATOMIC_RELAXED);
    if (index >= 0) return index;
    index = variant_count - 1;
    while (!variants[index].runs_here()) index--;
    int32_t unset = -1;
    // A selection made meanwhile wins.
    const bool set = __atomic_compare_exchange_n(&current, &unset, index, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return set ? index : unset;
}

}  // extern "C"

const ingot_kernel_table &ingot_current_kernels() { return *variants[ingot_isa_current()].kernels(); }
