// SPDX-License-Identifier: Apache-2.0
//
// What a warp's or block's threads compute together once all of them have arrived.
#ifndef INGOT_SHIM_WARP_H
#define INGOT_SHIM_WARP_H

#include <stdint.h>

#include <string>

#include "collectives.h"
#include "vector_types.h"

namespace ingot_shim {

constexpr int warp_size = 32;

enum class thread_status { not_started, ready, waiting, ended };

struct device_thread {
    thread_status status = thread_status::not_started;
    int fiber = -1;
    uint3 place = {};
    // What it waits for.
    collective kind = collective::none;
    call_site site = {};
    unsigned mask = 0;
    uint64_t value = 0;
    int argument = 0;
    int width = 0;
    uint64_t result = 0;
};

const char *name_of(collective kind);
bool is_block_wide(collective kind);
std::string describe(const device_thread &thread);

// Lets those threads of a warp go on whose collective is complete. Returns how many; what is wrong goes to error.
int release_warp(device_thread *lanes, int lane_count, std::string &error);

// After release_warp has let nobody go: why a lane will wait for ever, empty if all wait for the block.
std::string find_stuck(const device_thread *lanes, int lane_count);

// All threads of a block wait: lets them go on if it is at the same barrier, else says why not.
std::string release_block(device_thread *threads, int count);

}  // namespace ingot_shim

#endif
