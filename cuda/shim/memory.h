// SPDX-License-Identifier: Apache-2.0
//
// Device memory and pinned host memory: every allocation stands alone between guard zones and starts full of garbage;
// what is freed is not handed out again soon. Callers lock.
#ifndef INGOT_SHIM_MEMORY_H
#define INGOT_SHIM_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <string>

namespace ingot_shim {

struct region {
    uintptr_t start = 0;
    size_t size = 0;
    bool has(uintptr_t address, size_t bytes) const {
        return address - start < size && bytes <= size - (address - start);
    }
};

enum class space { device, pinned_host };

// 0 when the machine has no memory. The address is a multiple of 256 and of nothing larger.
uintptr_t allocate(space where, int device, size_t size);

enum class free_result { done, unknown, damaged };
// damaged: somebody wrote outside of it; it is freed all the same.
free_result release(space where, int device, uintptr_t address);

// The live allocation of that device with this address, any device when it is -1; empty when there is none.
region find(space where, int device, uintptr_t address);

// Whether these bytes lie in one such allocation.
bool contains(space where, int device, uintptr_t address, size_t size);

// Of the first allocation of a device around which somebody wrote, empty if there is none.
std::string find_damage(int device);

// Bytes of device memory in use on a device.
size_t used_bytes(int device);
int64_t live_count();

// Forgets a device's memory, as the end of its context does. Returns how many allocations there were.
int64_t release_all(int device);

}  // namespace ingot_shim

#endif
