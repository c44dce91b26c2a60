// SPDX-License-Identifier: Apache-2.0
//
// The kernels of a program by name: INGOT_KERNEL makes one static object each.
#ifndef INGOT_SHIM_REGISTRY_H
#define INGOT_SHIM_REGISTRY_H

#include <stddef.h>

namespace ingot_shim {

struct registered_kernel {
    using function = void (*)(const void *args);

    registered_kernel(const char *name, size_t args_size, unsigned max_threads, function run);

    // Null when there is none of that name.
    static const registered_kernel *find(const char *name);

    const char *const name;
    const size_t args_size;
    // Of __launch_bounds__.
    const unsigned max_threads;
    const function run;
    const registered_kernel *const next;
};

}  // namespace ingot_shim

#endif
