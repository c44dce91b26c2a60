// SPDX-License-Identifier: Apache-2.0
//
// The emulated driver as a program sees it, with fresh state per case.
#ifndef INGOT_SHIM_TEST_DRIVING_H
#define INGOT_SHIM_TEST_DRIVING_H

#include "check.h"
#include "driver_api.h"
#include "ingot_shim.h"
#include "test_kernels.h"

#define EXPECT(result, call)                                              \
    do {                                                                  \
        const CUresult got = (call);                                      \
        CHECK(got == (result), "%d instead of %d", (int)got, (int)(result)); \
    } while (0)
#define OK(call) EXPECT(CUDA_SUCCESS, call)

// A context on device 0 with a library and a stream.
struct session {
    CUcontext context = nullptr;
    CUlibrary library = nullptr;
    CUstream stream = nullptr;

    session() {
        ingot_shim_reset();
        OK(cuInit(0));
        OK(cuDevicePrimaryCtxRetain(&context, 0));
        OK(cuCtxSetCurrent(context));
        OK(cuLibraryLoadData(&library, "image", nullptr, nullptr, 0, nullptr, nullptr, 0));
        OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    }
    session(const session &) = delete;
    session &operator=(const session &) = delete;

    CUdeviceptr device_ints(size_t count) {
        CUdeviceptr result = 0;
        OK(cuMemAlloc_v2(&result, count * 4));
        return result;
    }

    int32_t *host_ints(size_t count) {
        void *result = nullptr;
        OK(cuMemHostAlloc(&result, count * 4, 0));
        for (size_t i = 0; i < count; i++) ((int32_t *)result)[i] = (int32_t)i;
        return (int32_t *)result;
    }

    CUkernel kernel(const char *name) {
        CUkernel result = nullptr;
        OK(cuLibraryGetKernel(&result, library, name));
        return result;
    }

    CUresult launch(const char *name, test_args args, unsigned blocks, unsigned threads, CUstream on) {
        void *parameters[] = {&args};
        const CUresult result = cuLaunchKernel((CUfunction)kernel(name), blocks, 1, 1, threads, 1, 1, 0, on, parameters, nullptr);
        // The driver has its own copy.
        args = {};
        return result;
    }

    CUresult increment(CUdeviceptr in, CUdeviceptr out, int64_t count, CUstream on) {
        return launch("test_increment", {(const int32_t *)in, (int32_t *)out, count, 0}, (unsigned)(count + 255) / 256, 256,
                      on);
    }
};

#endif
