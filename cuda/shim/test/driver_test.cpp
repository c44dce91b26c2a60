// SPDX-License-Identifier: Apache-2.0
//
// Devices, contexts, launches, failures that last, failures on demand.
#include <thread>

#include "driving.h"

static void devices() {
    ingot_shim_reset();
    int value = 0;
    EXPECT(CUDA_ERROR_NOT_INITIALIZED, cuDeviceGetCount(&value));
    ingot_shim_set("INGOT_SHIM_DEVICES", "0");
    EXPECT(CUDA_ERROR_NO_DEVICE, cuInit(0));
    ingot_shim_set("INGOT_SHIM_DEVICES", "2");
    ingot_shim_set("INGOT_SHIM_CAPABILITY", "75");
    ingot_shim_set("INGOT_SHIM_DRIVER_VERSION", "12020");
    OK(cuInit(0));
    OK(cuDeviceGetCount(&value));
    CHECK(value == 2, "%d", value);
    OK(cuDriverGetVersion(&value));
    CHECK(value == 12020, "%d", value);
    char name[64];
    OK(cuDeviceGetName(name, sizeof name, 1));
    CHECK(strcmp(name, "Ingot host shim 1") == 0, "%s", name);
    OK(cuDeviceGetPCIBusId(name, sizeof name, 1));
    CHECK(strcmp(name, "0000:02:00.0") == 0, "%s", name);
    OK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 0));
    CHECK(value == 7, "%d", value);
    OK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_WARP_SIZE, 0));
    CHECK(value == 32, "%d", value);
    EXPECT(CUDA_ERROR_INVALID_DEVICE, cuDeviceGet(&value, 2));
    const char *text = nullptr;
    OK(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
    CHECK(strcmp(text, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0, "%s", text);
}

static void contexts() {
    session s;
    CUdeviceptr memory = 0;
    std::thread([&] {
        EXPECT(CUDA_ERROR_INVALID_CONTEXT, cuMemAlloc_v2(&memory, 4));
        OK(cuCtxSetCurrent(s.context));
        OK(cuMemAlloc_v2(&memory, 4));
    }).join();
    OK(cuMemFree_v2(memory));
    EXPECT(CUDA_ERROR_INVALID_CONTEXT, cuCtxSetCurrent((CUcontext)&memory));
    // What belongs to one device is not used on another.
    ingot_shim_set("INGOT_SHIM_DEVICES", "2");
    const CUdeviceptr on_first = s.device_ints(1);
    CUcontext second;
    CUstream stream;
    OK(cuDevicePrimaryCtxRetain(&second, 1));
    OK(cuCtxSetCurrent(second));
    OK(cuStreamCreate(&stream, 0));
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuStreamSynchronize(s.stream));
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemsetD8Async(on_first, 0, 4, stream));
#ifdef INGOT_SHIM_CHECKS_ACCESS
    OK(s.increment(on_first, on_first, 1, stream));
    EXPECT(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(stream));
#endif
    OK(cuCtxSetCurrent(s.context));
    OK(cuCtxSynchronize());
    OK(cuDevicePrimaryCtxRelease_v2(0));
    EXPECT(CUDA_ERROR_CONTEXT_IS_DESTROYED, cuCtxSynchronize());
    EXPECT(CUDA_ERROR_INVALID_CONTEXT, cuDevicePrimaryCtxRelease_v2(0));
}

static void libraries() {
    session s;
    CUlibrary library;
    CUkernel kernel;
    const char empty[16] = {};
    EXPECT(CUDA_ERROR_INVALID_IMAGE, cuLibraryLoadData(&library, empty, nullptr, nullptr, 0, nullptr, nullptr, 0));
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuLibraryLoadData(&library, nullptr, nullptr, nullptr, 0, nullptr, nullptr, 0));
    EXPECT(CUDA_ERROR_NOT_FOUND, cuLibraryGetKernel(&kernel, s.library, "test_nothing"));
    kernel = s.kernel("test_increment");
    OK(cuLibraryUnload(s.library));
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuLibraryUnload(s.library));
    test_args args = {};
    void *parameters[] = {&args};
    EXPECT(CUDA_ERROR_INVALID_HANDLE,
           cuLaunchKernel((CUfunction)kernel, 1, 1, 1, 1, 1, 1, 0, s.stream, parameters, nullptr));
}

static void launch_limits() {
    session s;
    const CUfunction function = (CUfunction)s.kernel("test_numbers");
    test_args args = {};
    void *parameters[] = {&args};
    const unsigned bad[][6] = {{0, 1, 1, 1, 1, 1},     {1, 1, 1, 1025, 1, 1},       {1, 1, 1, 1, 1, 65}, {1, 1, 1, 32, 33, 1},
                               {1, 65536, 1, 1, 1, 1}, {2147483648u, 1, 1, 1, 1, 1}, {1, 1, 1, 0, 1, 1}};
    for (const auto &g : bad) {
        EXPECT(CUDA_ERROR_INVALID_VALUE,
               cuLaunchKernel(function, g[0], g[1], g[2], g[3], g[4], g[5], 0, s.stream, parameters, nullptr));
    }
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 49153, s.stream, parameters, nullptr));
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, s.stream, nullptr, nullptr));
    // More threads than the kernel was compiled for.
    EXPECT(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
           cuLaunchKernel((CUfunction)s.kernel("test_vectors"), 1, 1, 1, 257, 1, 1, 0, s.stream, parameters, nullptr));
    OK(cuCtxSynchronize());
}

static void a_failed_kernel_breaks_the_context() {
    session s;
    const CUdeviceptr a = s.device_ints(64);
    int32_t *host = s.host_ints(64);
    OK(s.launch("test_wrong", {(const int32_t *)a, (int32_t *)a, 0, 0}, 1, 64, s.stream));
    OK(cuMemcpyDtoHAsync_v2(host, a, 256, s.stream));
    EXPECT(CUDA_ERROR_LAUNCH_TIMEOUT, cuStreamSynchronize(s.stream));
    CHECK(strstr(ingot_shim_last_fault(), "waits in __syncthreads"), "%s", ingot_shim_last_fault());
    CHECK(host[1] == 1, "what came after was not done");
    CUdeviceptr more;
    CUcontext again;
    EXPECT(CUDA_ERROR_LAUNCH_TIMEOUT, cuMemAlloc_v2(&more, 4));
    EXPECT(CUDA_ERROR_LAUNCH_TIMEOUT, cuCtxSynchronize());
    EXPECT(CUDA_ERROR_LAUNCH_TIMEOUT, cuDevicePrimaryCtxRetain(&again, 0));
    // Giving back works, and says so again.
    EXPECT(CUDA_ERROR_LAUNCH_TIMEOUT, cuMemFree_v2(a));
    EXPECT(CUDA_ERROR_LAUNCH_TIMEOUT, cuMemFreeHost(host));
    EXPECT(CUDA_ERROR_LAUNCH_TIMEOUT, cuStreamDestroy_v2(s.stream));
    OK(cuLibraryUnload(s.library));
    CHECK(ingot_shim_live_allocations() == 0 && ingot_shim_live_handles() == 0, "all given back");
    OK(cuDevicePrimaryCtxRelease_v2(0));
    OK(cuDevicePrimaryCtxRetain(&again, 0));
    OK(cuCtxSynchronize());
}

static void failures_on_demand() {
    session s;
    CUdeviceptr a = 0;
    ingot_shim_fail("cuMemAlloc_v2", 2, CUDA_ERROR_OUT_OF_MEMORY);
    OK(cuMemAlloc_v2(&a, 4));
    EXPECT(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&a, 4));
    OK(cuMemAlloc_v2(&a, 4));
    CHECK(ingot_shim_live_allocations() == 2, "the failed one is none");
    // The second run of a kernel, found when somebody waits.
    ingot_shim_fail("test_increment", 2, CUDA_ERROR_ECC_UNCORRECTABLE);
    OK(s.increment(a, a, 1, s.stream));
    OK(s.increment(a, a, 1, s.stream));
    EXPECT(CUDA_ERROR_ECC_UNCORRECTABLE, cuStreamSynchronize(s.stream));
    EXPECT(CUDA_ERROR_ECC_UNCORRECTABLE, cuCtxSynchronize());
    ingot_shim_reset();
    EXPECT(CUDA_ERROR_NOT_INITIALIZED, cuCtxSynchronize());
}

static void threads_share_the_driver() {
    session s;
    std::vector<std::thread> all;
    for (int k = 0; k < 4; k++) {
        all.emplace_back([&] {
            OK(cuCtxSetCurrent(s.context));
            CUstream stream;
            OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
            const CUdeviceptr a = s.device_ints(1024), b = s.device_ints(1024);
            int32_t *host = s.host_ints(1024);
            for (int round = 0; round < 20; round++) {
                OK(cuMemcpyHtoDAsync_v2(a, host, 4096, stream));
                OK(s.launch("test_reverse", {(const int32_t *)a, (int32_t *)b, 0, 0}, 1, 1024, stream));
                OK(cuMemcpyDtoHAsync_v2(host, b, 4096, stream));
                OK(cuStreamSynchronize(stream));
                for (int i = 0; i < 1024; i++) CHECK(host[i] == (round % 2 ? i : 1023 - i), "%d %d", round, i);
            }
            OK(cuStreamDestroy_v2(stream));
            OK(cuMemFree_v2(a));
            OK(cuMemFree_v2(b));
            OK(cuMemFreeHost(host));
        });
    }
    for (std::thread &each : all) each.join();
    CHECK(ingot_shim_live_allocations() == 0, "%d", (int)ingot_shim_live_allocations());
}

int main() {
    devices();
    contexts();
    libraries();
    launch_limits();
    a_failed_kernel_breaks_the_context();
    failures_on_demand();
    threads_share_the_driver();
    return finish("driver");
}
