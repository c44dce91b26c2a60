// SPDX-License-Identifier: Apache-2.0
//
// Kernels are compiled with -fsanitize=alignment,bounds,shift-exponent and, by GCC, with -fsanitize=kernel-address in the
// form that calls a function for each access to memory. These are the functions that such code calls; instead of a
// sanitizer's runtime library they end the kernel with a fault.
#include <inttypes.h>
#include <stdio.h>

#include "executor.h"

namespace {

using namespace ingot_shim;

// The layouts are those of GCC's and Clang's calls into libubsan.
struct source_location {
    const char *file;
    uint32_t line;
    uint32_t column;
};

struct type_descriptor {
    uint16_t kind;
    uint16_t info;
    char name[1];
};

struct type_mismatch {
    source_location where;
    const type_descriptor *type;
    unsigned char log_alignment;
    unsigned char kind;
};

std::string at(const source_location &where) {
    return std::string(" at ") + (where.file ? where.file : "?") + ":" + std::to_string(where.line);
}

void check(uintptr_t address, size_t size, const char *what) {
    if (accessible(address, size)) return;
    char text[160];
    snprintf(text, sizeof text, "%s of %zu bytes at 0x%" PRIxPTR ", which is not memory of this device in use", what, size,
             address);
    fail(fault::illegal_address, text);
}

}  // namespace

extern "C" {

void __ubsan_handle_type_mismatch_v1(const type_mismatch *data, uintptr_t address) {
    char text[160];
    snprintf(text, sizeof text, "access of type %s at 0x%" PRIxPTR ", which is not a multiple of %d,", data->type->name,
             address, 1 << data->log_alignment);
    fail(fault::misaligned_address, text + at(data->where));
}

void __ubsan_handle_out_of_bounds(const source_location *where, uintptr_t index) {
    fail(fault::undefined, "array index " + std::to_string((intptr_t)index) + " out of bounds" + at(*where));
}

void __ubsan_handle_shift_out_of_bounds(const source_location *where, uintptr_t, uintptr_t count) {
    fail(fault::undefined, "shift by " + std::to_string((intptr_t)count) + at(*where));
}

#define INGOT_SHIM_ACCESS(size)                                                                 \
    void __asan_load##size##_noabort(uintptr_t address) { check(address, size, "read"); }       \
    void __asan_store##size##_noabort(uintptr_t address) { check(address, size, "write"); }

INGOT_SHIM_ACCESS(1)
INGOT_SHIM_ACCESS(2)
INGOT_SHIM_ACCESS(4)
INGOT_SHIM_ACCESS(8)
INGOT_SHIM_ACCESS(16)

void __asan_loadN_noabort(uintptr_t address, size_t size) { check(address, size, "read"); }
void __asan_storeN_noabort(uintptr_t address, size_t size) { check(address, size, "write"); }
void __asan_handle_no_return() {}
void __asan_before_dynamic_init(const char *) {}
void __asan_after_dynamic_init() {}
}
