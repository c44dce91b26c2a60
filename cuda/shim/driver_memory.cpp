// SPDX-License-Identifier: Apache-2.0
//
// Memory, copies and fills. A copy from or to pinned memory touches it when the stream's work is done, not before.
#include <string.h>

#include <vector>

#include "driver.h"
#include "executor.h"
#include "memory.h"

using namespace ingot_shim;

namespace {

bool on_device(const CUstream_st *stream, CUdeviceptr address, size_t size) {
    return contains(space::device, stream->device, address, size);
}

CUresult gone(const char *what) {
    report(std::string(what) + ": memory was freed before the stream came to it");
    return CUDA_ERROR_ILLEGAL_ADDRESS;
}

enum class host_memory { pinned, pageable, wrong };

// wrong: device memory, or more than there is of a pinned allocation.
host_memory kind_of(const void *address, size_t size) {
    const uintptr_t first = (uintptr_t)address, last = first + size - 1;
    if (contains(space::pinned_host, -1, first, size)) return host_memory::pinned;
    for (const uintptr_t end : {first, last}) {
        if (contains(space::pinned_host, -1, end, 1) || contains(space::device, -1, end, 1)) return host_memory::wrong;
    }
    return address ? host_memory::pageable : host_memory::wrong;
}

// Runs body with the stream of a copy, for sizes that are not 0.
CUresult transfer(const char *function, CUstream handle, size_t size, const std::function<CUresult(CUstream)> &body) {
    return call(function, needs::context, [&] {
        const CUstream stream = valid_stream(handle);
        if (!stream) return CUDA_ERROR_INVALID_HANDLE;
        return size == 0 ? CUDA_SUCCESS : body(stream);
    });
}

CUresult give_back(const char *function, space where, uintptr_t address) {
    return call(function, needs::giving_back, [&] {
        switch (release(where, this_thread.device, address)) {
            case free_result::unknown: return CUDA_ERROR_INVALID_VALUE;
            case free_result::damaged:
                report(std::string(function) + ": memory was written outside of the allocation");
                return remember(this_thread.device, CUDA_ERROR_ILLEGAL_ADDRESS);
            default: return CUDA_SUCCESS;
        }
    });
}

}  // namespace

extern "C" {

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
    return call("cuMemGetInfo_v2", needs::context, [&] {
        const size_t used = used_bytes(this_thread.device);
        *total = memory_size();
        *free = used < *total ? *total - used : 0;
        return CUDA_SUCCESS;
    });
}

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t size) {
    return call("cuMemAlloc_v2", needs::context, [&] {
        if (size == 0) return CUDA_ERROR_INVALID_VALUE;
        const size_t used = used_bytes(this_thread.device);
        if (used > memory_size() || size > memory_size() - used) return CUDA_ERROR_OUT_OF_MEMORY;
        *address = allocate(space::device, this_thread.device, size);
        return *address ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
    });
}

CUresult cuMemFree_v2(CUdeviceptr address) { return give_back("cuMemFree_v2", space::device, address); }

CUresult cuMemHostAlloc(void **address, size_t size, unsigned flags) {
    return call("cuMemHostAlloc", needs::context, [&] {
        if (size == 0 || flags > 7) return CUDA_ERROR_INVALID_VALUE;
        *address = (void *)allocate(space::pinned_host, this_thread.device, size);
        return *address ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
    });
}

CUresult cuMemFreeHost(void *address) { return give_back("cuMemFreeHost", space::pinned_host, (uintptr_t)address); }

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t size, CUstream handle) {
    return transfer("cuMemcpyHtoDAsync_v2", handle, size, [&](CUstream stream) {
        const host_memory kind = kind_of(from, size);
        if (kind == host_memory::wrong || !on_device(stream, to, size)) return CUDA_ERROR_INVALID_VALUE;
        // The driver copies pageable memory aside before it returns.
        std::vector<char> staged;
        if (kind == host_memory::pageable) {
            staged.assign((const char *)from, (const char *)from + size);
            the_driver().pageable_copies++;
        }
        return enqueue(stream, [=, staged = std::move(staged)] {
            if (!on_device(stream, to, size)) return gone("cuMemcpyHtoDAsync_v2");
            if (staged.empty() && !contains(space::pinned_host, -1, (uintptr_t)from, size)) {
                return gone("cuMemcpyHtoDAsync_v2");
            }
            memcpy((void *)to, staged.empty() ? from : staged.data(), size);
            return CUDA_SUCCESS;
        });
    });
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t size, CUstream handle) {
    return transfer("cuMemcpyDtoHAsync_v2", handle, size, [&](CUstream stream) {
        const host_memory kind = kind_of(to, size);
        if (kind == host_memory::wrong || !on_device(stream, from, size)) return CUDA_ERROR_INVALID_VALUE;
        const CUresult queued = enqueue(stream, [=] {
            if (!on_device(stream, from, size)) return gone("cuMemcpyDtoHAsync_v2");
            if (kind == host_memory::pinned && !contains(space::pinned_host, -1, (uintptr_t)to, size)) {
                return gone("cuMemcpyDtoHAsync_v2");
            }
            memcpy(to, (const void *)from, size);
            return CUDA_SUCCESS;
        });
        if (kind == host_memory::pinned || queued != CUDA_SUCCESS) return queued;
        // To pageable memory the driver copies before it returns.
        the_driver().pageable_copies++;
        return drain(stream);
    });
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t size, CUstream handle) {
    return transfer("cuMemcpyDtoDAsync_v2", handle, size, [&](CUstream stream) {
        if (!on_device(stream, to, size) || !on_device(stream, from, size)) return CUDA_ERROR_INVALID_VALUE;
        return enqueue(stream, [=] {
            if (!on_device(stream, to, size) || !on_device(stream, from, size)) return gone("cuMemcpyDtoDAsync_v2");
            memmove((void *)to, (const void *)from, size);
            return CUDA_SUCCESS;
        });
    });
}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t size, CUstream handle) {
    return transfer("cuMemsetD8Async", handle, size, [&](CUstream stream) {
        if (!on_device(stream, to, size)) return CUDA_ERROR_INVALID_VALUE;
        return enqueue(stream, [=] {
            if (!on_device(stream, to, size)) return gone("cuMemsetD8Async");
            memset((void *)to, value, size);
            return CUDA_SUCCESS;
        });
    });
}
}
