// SPDX-License-Identifier: Apache-2.0
//
// Device and pinned memory of the emulated driver: what is wrong is refused, what is left is counted.
#include "driving.h"
#include "memory.h"

static void allocations() {
    session s;
    CUdeviceptr first = 0, second = 0;
    OK(cuMemAlloc_v2(&first, 1000));
    OK(cuMemAlloc_v2(&second, 1));
    CHECK(first % 256 == 0 && first % 512 != 0, "%llx", first);
    CHECK(*(unsigned *)first == 0xCBCBCBCBu, "fresh memory is not 0");
    CHECK(ingot_shim_live_allocations() == 2, "two");
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemAlloc_v2(&first, 0));
    OK(cuMemFree_v2(first));
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(first));
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(second + 256));
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemFreeHost((void *)second));
    void *pinned = nullptr;
    OK(cuMemHostAlloc(&pinned, 10, 0));
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2((CUdeviceptr)pinned));
    OK(cuMemFreeHost(pinned));
    CHECK(ingot_shim_live_allocations() == 1, "one");
    // The end of the context frees it, but it was forgotten.
    OK(cuDevicePrimaryCtxRelease_v2(0));
    CHECK(ingot_shim_live_allocations() == 1, "still one");
    CHECK(ingot_shim_live_handles() == 2, "the stream and the library");
}

static void limits() {
    session s;
    ingot_shim_set("INGOT_SHIM_MEMORY", "1000000");
    CUdeviceptr first = 0, second = 0;
    size_t free = 0, total = 0;
    OK(cuMemAlloc_v2(&first, 600000));
    OK(cuMemGetInfo_v2(&free, &total));
    CHECK(free == 400000 && total == 1000000, "%zu of %zu", free, total);
    EXPECT(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&second, 400001));
    EXPECT(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&second, SIZE_MAX));
    OK(cuMemAlloc_v2(&second, 400000));
    OK(cuMemFree_v2(first));
    OK(cuMemFree_v2(second));
}

static void copies() {
    session s;
    const CUdeviceptr a = s.device_ints(100), b = s.device_ints(100);
    int32_t *host = s.host_ints(100);
    for (CUdeviceptr bad : {a + 4, a - 4, (CUdeviceptr)0, (CUdeviceptr)host, (CUdeviceptr)1 << 40}) {
        EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync_v2(bad, host, 400, s.stream));
        EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoHAsync_v2(host, bad, 400, s.stream));
        EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoDAsync_v2(bad, b, 400, s.stream));
        EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoDAsync_v2(b, bad, 400, s.stream));
        EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemsetD8Async(bad, 1, 400, s.stream));
    }
    for (void *bad : {(void *)(host + 1), (void *)(host - 1), (void *)nullptr, (void *)b}) {
        EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync_v2(a, bad, 400, s.stream));
        EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoHAsync_v2(bad, a, 400, s.stream));
    }
    OK(cuMemcpyHtoDAsync_v2(a, host, 400, s.stream));
    OK(cuMemcpyDtoDAsync_v2(b, a + 40, 360, s.stream));
    OK(cuMemsetD8Async(b + 360, 0xFF, 40, s.stream));
    OK(cuMemsetD8Async(b, 0xFF, 0, s.stream));
    int32_t *back = s.host_ints(100);
    OK(cuMemcpyDtoHAsync_v2(back, b, 400, s.stream));
    OK(cuStreamSynchronize(s.stream));
    for (int i = 0; i < 100; i++) CHECK(back[i] == (i < 90 ? i + 10 : -1), "%d: %d", i, back[i]);
    OK(cuMemFree_v2(a));
    EXPECT(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync_v2(a, host, 400, s.stream));
}

static void pageable_memory_is_copied_at_once() {
    session s;
    const CUdeviceptr a = s.device_ints(4);
    int32_t values[] = {1, 2, 3, 4}, back[4] = {};
    OK(cuMemcpyHtoDAsync_v2(a, values, 16, s.stream));
    values[0] = 100;
    OK(cuMemcpyDtoHAsync_v2(back, a, 16, s.stream));
    CHECK(back[0] == 1 && back[3] == 4, "%d %d", back[0], back[3]);
    CHECK(ingot_shim_pageable_copies() == 2, "both are counted");
}

static void guards() {
    for (const int64_t place : {-1, 100}) {
        session s;
        const CUdeviceptr a = s.device_ints(100);
        ((int32_t *)a)[place] = 1;
        EXPECT(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(s.stream));
        CHECK(strstr(ingot_shim_last_fault(), "around the 400 bytes"), "%s", ingot_shim_last_fault());
        size_t unused;
        EXPECT(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemGetInfo_v2(&unused, &unused));
    }
    session s;
    int32_t *host = s.host_ints(100);
    host[100] = 1;
    EXPECT(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemFreeHost(host));
    CHECK(ingot_shim_live_allocations() == 0, "freed all the same");
}

static void use_after_free() {
    session s;
    CUdeviceptr a = s.device_ints(100);
    int32_t *host = s.host_ints(100);
    OK(cuMemcpyHtoDAsync_v2(a, host, 400, s.stream));
    OK(cuMemFree_v2(a));
    EXPECT(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(s.stream));
    session t;
    a = t.device_ints(100);
    host = t.host_ints(100);
    OK(cuMemcpyDtoHAsync_v2(host, a, 400, t.stream));
    OK(cuMemFreeHost(host));
    EXPECT(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
}

int main() {
    allocations();
    limits();
    copies();
    pageable_memory_is_copied_at_once();
    guards();
    use_after_free();
    return finish("memory");
}
