// SPDX-License-Identifier: Apache-2.0
#include "registry.h"

#include <string.h>

namespace ingot_shim {

namespace {

// Constant-initialised, hence ready before any registration.
const registered_kernel *newest = nullptr;

}  // namespace

registered_kernel::registered_kernel(const char *name, size_t args_size, unsigned max_threads, function run)
    : name(name), args_size(args_size), max_threads(max_threads), run(run), next(newest) {
    newest = this;
}

const registered_kernel *registered_kernel::find(const char *name) {
    for (const registered_kernel *each = newest; each; each = each->next) {
        if (strcmp(each->name, name) == 0) return each;
    }
    return nullptr;
}

}  // namespace ingot_shim
