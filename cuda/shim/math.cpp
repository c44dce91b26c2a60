// SPDX-License-Identifier: Apache-2.0
#include "math_shim.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <set>

#include "executor.h"
#include "memory.h"

namespace ingot_shim {

namespace {

struct handles {
    std::set<cublasHandle_t> blas;
    std::set<cusolverDnHandle_t> solver;
    std::set<cusolverDnParams_t> params;
};

handles &all() {
    // Never destroyed: other threads may still run when the process ends.
    static handles *const instance = new handles;
    return *instance;
}

// body of a call on a handle that was made in the calling thread's context.
int checked(const char *function, int device, int not_initialised, int failed, const std::function<int()> &body) {
    if (device < 0) return not_initialised;
    const CUresult told = injected(function);
    if (told != CUDA_SUCCESS) return (int)told;
    if (this_thread.device != device) {
        report(std::string(function) + ": the handle is of another context");
        return not_initialised;
    }
    if (current_device().broken != CUDA_SUCCESS) return failed;
    return body();
}

template <class Handle>
int create(const char *function, Handle *out, std::set<Handle> &live, int failed) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    const CUresult told = injected(function);
    if (told != CUDA_SUCCESS) return (int)told;
    if (!out || this_thread.device < 0 || current_device().references == 0) return failed;
    *out = new typename std::remove_pointer<Handle>::type{this_thread.device, nullptr};
    live.insert(*out);
    return 0;
}

template <class Handle>
int destroy(const char *function, Handle handle, std::set<Handle> &live, int failed) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    if (!live.erase(handle)) return failed;
    delete handle;
    const CUresult told = injected(function);
    return (int)told;
}

}  // namespace

operand matrix(const void *at, int64_t rows, int64_t cols, int64_t stride, size_t element) {
    if (rows == 0 || cols == 0) return {at, 0};
    return {at, ((size_t)stride * (cols - 1) + rows) * element};
}

void *openblas(const char *name) {
    static void *const library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_NOLOAD);
    void *found = library ? dlsym(library, name) : nullptr;
    if (!found) {
        fprintf(stderr, "CUDA host shim: the process has opened no OpenBLAS with %s\n", name);
        abort();
    }
    return found;
}

int blas_call(const char *function, cublasHandle_t handle, const std::function<int()> &body) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    const int device = all().blas.count(handle) ? handle->device : -1;
    return checked(function, device, CUBLAS_STATUS_NOT_INITIALIZED, CUBLAS_STATUS_EXECUTION_FAILED, body);
}

int solver_call(const char *function, cusolverDnHandle_t handle, const std::function<int()> &body) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    const int device = all().solver.count(handle) ? handle->device : -1;
    return checked(function, device, CUSOLVER_STATUS_NOT_INITIALIZED, CUSOLVER_STATUS_EXECUTION_FAILED, body);
}

bool all_there(int device, const std::vector<operand> &operands) {
    for (const operand &each : operands) {
        if (each.bytes > 0 && !contains(space::device, device, (uintptr_t)each.at, each.bytes)) {
            char text[120];
            snprintf(text, sizeof text, "no %zu bytes of device memory at %p", each.bytes, each.at);
            report(text);
            return false;
        }
    }
    return true;
}

bool submit(const char *function, CUstream handle, const std::vector<operand> &operands, std::function<void()> work) {
    const CUstream stream = valid_stream(handle);
    if (!stream || !all_there(stream->device, operands)) return false;
    const std::string name = function;
    return enqueue(stream, [=] {
        if (!all_there(stream->device, operands)) {
            report(name + ": memory was freed before the stream came to it");
            return CUDA_ERROR_ILLEGAL_ADDRESS;
        }
        work();
        return CUDA_SUCCESS;
    }) == CUDA_SUCCESS;
}

int64_t math_handles() { return (int64_t)(all().blas.size() + all().solver.size() + all().params.size()); }

void forget_math() { all() = handles(); }

}  // namespace ingot_shim

using namespace ingot_shim;

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t *handle) {
    return create("cublasCreate_v2", handle, all().blas, CUBLAS_STATUS_NOT_INITIALIZED);
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    return destroy("cublasDestroy_v2", handle, all().blas, CUBLAS_STATUS_NOT_INITIALIZED);
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    return blas_call("cublasSetStream_v2", handle, [&] {
        if (!valid_stream(stream)) return CUBLAS_STATUS_INVALID_VALUE;
        handle->stream = stream;
        return CUBLAS_STATUS_SUCCESS;
    });
}

const char *cublasGetStatusName(cublasStatus_t status) {
    switch (status) {
        case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
        case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
        case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
        case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
        default: return "unknown";
    }
}

cusolverStatus_t cusolverGetVersion(int *version) {
    *version = 12000;
    return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnCreate(cusolverDnHandle_t *handle) {
    return create("cusolverDnCreate", handle, all().solver, CUSOLVER_STATUS_NOT_INITIALIZED);
}

cusolverStatus_t cusolverDnDestroy(cusolverDnHandle_t handle) {
    return destroy("cusolverDnDestroy", handle, all().solver, CUSOLVER_STATUS_NOT_INITIALIZED);
}

cusolverStatus_t cusolverDnSetStream(cusolverDnHandle_t handle, cudaStream_t stream) {
    return solver_call("cusolverDnSetStream", handle, [&] {
        if (!valid_stream(stream)) return CUSOLVER_STATUS_INVALID_VALUE;
        handle->stream = stream;
        return CUSOLVER_STATUS_SUCCESS;
    });
}

cusolverStatus_t cusolverDnCreateParams(cusolverDnParams_t *params) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    const CUresult told = injected("cusolverDnCreateParams");
    if (told != CUDA_SUCCESS) return (int)told;
    if (!params) return CUSOLVER_STATUS_INVALID_VALUE;
    *params = new cusolverDnParams;
    all().params.insert(*params);
    return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnDestroyParams(cusolverDnParams_t params) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    if (!all().params.erase(params)) return CUSOLVER_STATUS_INVALID_VALUE;
    delete params;
    return CUSOLVER_STATUS_SUCCESS;
}
}
