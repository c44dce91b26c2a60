// SPDX-License-Identifier: Apache-2.0
//
// Runs a kernel: its blocks one after the other, the threads of a block as fibers in warps of 32. A thread runs until it
// waits for others or ends, so a run is deterministic; the order of blocks, warps and lanes can be chosen to show results
// that depend on it.
//
// What CUDA leaves undefined is a fault here: a barrier that not all threads of the block reach, or not at the same
// place; a shuffle, vote or warp barrier whose mask names lanes that have ended, do not exist or wait elsewhere; a
// shuffle from a lane outside the mask. Not found are data races within a block and a thread that spins for another one.
#ifndef INGOT_SHIM_EXECUTOR_H
#define INGOT_SHIM_EXECUTOR_H

#include <stdint.h>

#include <string>

#include "kernel_language.h"
#include "memory.h"

namespace ingot_shim {

enum class fault {
    none,
    // Threads wait for each other for ever.
    deadlock,
    // An operation whose result CUDA leaves undefined.
    undefined,
    illegal_address,
    misaligned_address
};

struct run_result {
    fault kind = fault::none;
    // What, and by which kernel, block and thread; empty when there is no fault.
    std::string message;
};

enum class order { forward, reverse, shuffle };

struct launch {
    const registered_kernel *kernel;
    const void *args;
    dim3 grid;
    dim3 block;
    order sequence = order::forward;
    uint64_t seed = 0;
    // Whose memory the kernel may use.
    int device = 0;
};

// Parses forward, reverse or shuffle:SEED; false if it is none of them.
bool parse_order(const char *text, launch &target);

// One at a time: the caller locks. The launch is valid (see driver_kernels.cpp).
run_result run(const launch &launch);

// From within a kernel: ends the run.
[[noreturn]] void fail(fault kind, const std::string &what);

// The only thread-local variable of this library that is not shared memory of a kernel.
struct thread_state {
    // Device of the current context, -1 without one.
    int device = -1;
};
extern thread_local thread_state this_thread;

// Memory that the kernel has touched and may touch, found by page: looked at for each access.
constexpr size_t reached_count = 256;
extern region reached[reached_count];

inline region &reached_at(uintptr_t address) { return reached[(address >> 12) % reached_count]; }

// Whether the kernel may touch these bytes: device memory, its arguments, its stacks, shared memory, constants.
bool reach(uintptr_t address, size_t size);

inline bool accessible(uintptr_t address, size_t size) {
    return reached_at(address).has(address, size) || reach(address, size);
}

}  // namespace ingot_shim

#endif
