// SPDX-License-Identifier: Apache-2.0
//
// Runs one of Ingot's kernels on the shim. Device memory of a tensor ends where kernels may read no further, and what
// they may read behind the last element is garbage.
#ifndef INGOT_KERNEL_RUN_H
#define INGOT_KERNEL_RUN_H

#include <memory>

#include "executor.h"
#include "memory.h"
#include "oracle.h"

#include "ingot/gpu.h"

inline const char *const orders[] = {"forward", "reverse", "shuffle:7"};

template <class T>
struct device_array {
    T *data;
    size_t count;

    explicit device_array(size_t n) : data(nullptr), count(n) {
        data = (T *)ingot_shim::allocate(ingot_shim::space::device, 0, n ? n * sizeof(T) : 1);
        CHECK(data, "no memory for %zu bytes", n * sizeof(T));
    }
    explicit device_array(const std::vector<T> &from) : device_array(from.size()) {
        std::copy(from.begin(), from.end(), data);
    }
    ~device_array() {
        CHECK(ingot_shim::release(ingot_shim::space::device, 0, (uintptr_t)data) == ingot_shim::free_result::done,
              "a kernel wrote outside of an array of %zu", count);
    }
    device_array(const device_array &) = delete;
    device_array &operator=(const device_array &) = delete;

    void fill(T value) { std::fill(data, data + count, value); }
    T &operator[](size_t i) { return data[i]; }
};

struct device_tensor {
    tensor host;
    device_array<char> device;

    explicit device_tensor(const tensor &from)
        : host(from), device((size_t)(from.count + INGOT_GPU_VECTOR - 1) / INGOT_GPU_VECTOR * INGOT_GPU_VECTOR *
                             element_bytes(from.dtype)) {
        std::copy(host.data(), host.data() + (size_t)host.count * element_bytes(host.dtype), device.data);
    }

    ingot_operand operand() const { return {device.data, host.dtype, 0}; }
};

inline unsigned blocks_of(int64_t count, int64_t elements) { return (unsigned)((count + elements - 1) / elements); }

// An empty grid is not launched.
template <class Args>
void run_kernel(const char *name, const Args &args, unsigned x, unsigned y, unsigned threads, const char *order) {
    if (x == 0 || y == 0) return;
    ingot_shim::launch launch = {};
    launch.kernel = ingot_shim::registered_kernel::find(name);
    CHECK(launch.kernel && launch.kernel->args_size == sizeof args && launch.kernel->max_threads == threads, "%s",
        name);
    if (!launch.kernel) return;
    CHECK(ingot_shim::parse_order(order, launch), "%s", order);
    launch.args = &args;
    launch.grid.x = x;
    launch.grid.y = y;
    launch.block.x = threads;
    const ingot_shim::run_result result = ingot_shim::run(launch);
    CHECK(result.kind == ingot_shim::fault::none, "%s %s: %s", name, order, result.message.c_str());
}

// The kernel for operands that are all of this type.
inline std::string name_for(const char *kernel, int32_t dtype) {
    return std::string(kernel) + (dtype == INGOT_BF16 ? "_bf16" : dtype == INGOT_F16 ? "_f16" : "_f32");
}

inline bool has_own_kernel(int32_t dtype) { return dtype == INGOT_BF16 || dtype == INGOT_F16 || dtype == INGOT_F32; }

#endif
