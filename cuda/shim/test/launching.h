// SPDX-License-Identifier: Apache-2.0
//
// Runs a test kernel on the executor, without the driver.
#ifndef INGOT_SHIM_TEST_LAUNCHING_H
#define INGOT_SHIM_TEST_LAUNCHING_H

#include "check.h"
#include "executor.h"
#include "memory.h"
#include "test_kernels.h"

using namespace ingot_shim;

// Device memory of the test, as an array.
struct device_ints {
    int32_t *data;
    int64_t count;

    explicit device_ints(int64_t count)
        : data((int32_t *)allocate(space::device, 0, (size_t)count * 4)), count(count) {}
    ~device_ints() { release(space::device, 0, (uintptr_t)data); }
    device_ints(const device_ints &) = delete;
    device_ints &operator=(const device_ints &) = delete;

    int32_t &operator[](int64_t i) { return data[i]; }
    void count_up() {
        for (int64_t i = 0; i < count; i++) data[i] = (int32_t)i;
    }
    void fill(int32_t value) {
        for (int64_t i = 0; i < count; i++) data[i] = value;
    }
};

inline run_result run_kernel(const char *name, const test_args &args, dim3 grid, dim3 block,
                             const char *sequence = "forward") {
    launch launch;
    launch.kernel = registered_kernel::find(name);
    CHECK(launch.kernel, "%s", name);
    CHECK(parse_order(sequence, launch), "%s", sequence);
    launch.args = &args;
    launch.grid = grid;
    launch.block = block;
    return run(launch);
}

inline const char *const orders[] = {"forward", "reverse", "shuffle:1", "shuffle:2", "shuffle:12345"};

// Runs a kernel that has to succeed.
inline void run_well(const char *name, const test_args &args, dim3 grid, dim3 block, const char *sequence = "forward") {
    const run_result result = run_kernel(name, args, grid, block, sequence);
    CHECK(result.kind == fault::none, "%s: %s", name, result.message.c_str());
}

#endif
