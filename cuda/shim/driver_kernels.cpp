// SPDX-License-Identifier: Apache-2.0
//
// Libraries, kernels and launches. Whatever image is loaded, the kernels are those compiled into this program.
#include <string.h>

#include <vector>

#include "driver.h"
#include "executor.h"

using namespace ingot_shim;

struct CUlib_st {
    std::vector<CUkernel> kernels;
};

struct CUkern_st {
    const registered_kernel *kernel;
};

namespace {

CUresult result_of(fault kind) {
    switch (kind) {
        case fault::none: return CUDA_SUCCESS;
        // On a GPU it would hang until somebody ends it.
        case fault::deadlock: return CUDA_ERROR_LAUNCH_TIMEOUT;
        case fault::illegal_address: return CUDA_ERROR_ILLEGAL_ADDRESS;
        case fault::misaligned_address: return CUDA_ERROR_MISALIGNED_ADDRESS;
        default: return CUDA_ERROR_LAUNCH_FAILED;
    }
}

bool within_limits(const dim3 &grid, const dim3 &block, unsigned shared_bytes) {
    return grid.x >= 1 && grid.y >= 1 && grid.z >= 1 && grid.x <= 2147483647u && grid.y <= 65535 && grid.z <= 65535 &&
           block.x >= 1 && block.y >= 1 && block.z >= 1 && block.x <= 1024 && block.y <= 1024 && block.z <= 64 &&
           (uint64_t)block.x * block.y * block.z <= 1024 && shared_bytes <= 49152;
}

CUresult execute(launch &launch) {
    const CUresult told = injected(launch.kernel->name);
    if (told != CUDA_SUCCESS) return told;
    if (!parse_order(thread_order().c_str(), launch)) {
        report("INGOT_SHIM_ORDER: expected forward, reverse or shuffle:SEED, found " + thread_order());
        return CUDA_ERROR_LAUNCH_FAILED;
    }
    const run_result result = run(launch);
    if (result.kind != fault::none) report(result.message);
    return result_of(result.kind);
}

void unload(CUlibrary library) {
    for (const CUkernel each : library->kernels) {
        the_driver().kernels.erase(each);
        delete each;
    }
    the_driver().libraries.erase(library);
    delete library;
}

}  // namespace

void ingot_shim::forget_libraries() {
    while (!the_driver().libraries.empty()) unload(*the_driver().libraries.begin());
}

extern "C" {

CUresult cuLibraryLoadData(CUlibrary *library, const void *code, CUjit_option *, void **, unsigned, CUlibraryOption *,
                           void **, unsigned) {
    return call("cuLibraryLoadData", needs::initialised, [&] {
        if (!library || !code) return CUDA_ERROR_INVALID_VALUE;
        // Of a fatbin, a cubin and PTX text the first four bytes are not 0.
        const char nothing[4] = {};
        if (memcmp(code, nothing, sizeof nothing) == 0) return CUDA_ERROR_INVALID_IMAGE;
        *library = new CUlib_st;
        the_driver().libraries.insert(*library);
        return CUDA_SUCCESS;
    });
}

CUresult cuLibraryUnload(CUlibrary library) {
    return call("cuLibraryUnload", needs::initialised, [&] {
        if (!the_driver().libraries.count(library)) return CUDA_ERROR_INVALID_HANDLE;
        unload(library);
        return CUDA_SUCCESS;
    });
}

CUresult cuLibraryGetKernel(CUkernel *kernel, CUlibrary library, const char *name) {
    return call("cuLibraryGetKernel", needs::initialised, [&] {
        if (!the_driver().libraries.count(library)) return CUDA_ERROR_INVALID_HANDLE;
        const registered_kernel *found = registered_kernel::find(name);
        if (!found) return CUDA_ERROR_NOT_FOUND;
        *kernel = new CUkern_st{found};
        library->kernels.push_back(*kernel);
        the_driver().kernels.insert(*kernel);
        return CUDA_SUCCESS;
    });
}

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream handle, void **parameters,
                        void **extra) {
    return call("cuLaunchKernel", needs::context, [&] {
        const CUkernel kernel = (CUkernel)function;
        const CUstream stream = valid_stream(handle);
        if (!the_driver().kernels.count(kernel) || !stream) return CUDA_ERROR_INVALID_HANDLE;
        if (extra) return CUDA_ERROR_NOT_SUPPORTED;
        launch launch;
        launch.kernel = kernel->kernel;
        launch.grid = {grid_x, grid_y, grid_z};
        launch.block = {block_x, block_y, block_z};
        launch.device = stream->device;
        if (!parameters || !parameters[0] || !within_limits(launch.grid, launch.block, shared_bytes)) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        if (block_x * block_y * block_z > launch.kernel->max_threads) return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
        const char *args = (const char *)parameters[0];
        std::vector<char> copy(args, args + launch.kernel->args_size);
        return enqueue(stream, [launch, copy = std::move(copy)]() mutable {
            launch.args = copy.data();
            return execute(launch);
        });
    });
}
}
