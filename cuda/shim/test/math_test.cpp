// SPDX-License-Identifier: Apache-2.0
//
// Emulated cuBLAS and cuSOLVER: what the real ones refuse is refused, and nothing is done before somebody waits. What they
// compute is tested from Java, which brings OpenBLAS; here work that is asked for is dropped with the context.
#include "driving.h"
#include "math_api.h"

#define STATUS(status, call)                                                \
    do {                                                                    \
        const int got = (call);                                             \
        CHECK(got == (status), "status %d instead of %d", got, (int)(status)); \
    } while (0)

namespace {

const double one = 1, zero = 0;

struct libraries : session {
    cublasHandle_t blas = nullptr;
    cusolverDnHandle_t solver = nullptr;
    cusolverDnParams_t params = nullptr;
    // 20 x 10, in memory of just that size.
    double *matrix = nullptr;
    int *info = nullptr;

    libraries() {
        STATUS(CUBLAS_STATUS_SUCCESS, cublasCreate_v2(&blas));
        STATUS(CUBLAS_STATUS_SUCCESS, cublasSetStream_v2(blas, stream));
        STATUS(CUSOLVER_STATUS_SUCCESS, cusolverDnCreate(&solver));
        STATUS(CUSOLVER_STATUS_SUCCESS, cusolverDnSetStream(solver, stream));
        STATUS(CUSOLVER_STATUS_SUCCESS, cusolverDnCreateParams(&params));
        matrix = (double *)device_ints(2 * 200);
        info = (int *)device_ints(1);
    }
};

void handles() {
    libraries l;
    CHECK(ingot_shim_live_handles() == 5, "%lld", (long long)ingot_shim_live_handles());
    STATUS(CUBLAS_STATUS_NOT_INITIALIZED, cublasDestroy_v2(nullptr));
    STATUS(CUSOLVER_STATUS_NOT_INITIALIZED, cusolverDnDestroy((cusolverDnHandle_t)l.blas));
    STATUS(CUBLAS_STATUS_NOT_INITIALIZED, cublasSetStream_v2(nullptr, l.stream));
    STATUS(CUBLAS_STATUS_INVALID_VALUE, cublasSetStream_v2(l.blas, (cudaStream_t)0x10));
    STATUS(CUBLAS_STATUS_SUCCESS, cublasDestroy_v2(l.blas));
    STATUS(CUBLAS_STATUS_NOT_INITIALIZED, cublasDestroy_v2(l.blas));
    STATUS(CUSOLVER_STATUS_SUCCESS, cusolverDnDestroyParams(l.params));
    STATUS(CUSOLVER_STATUS_SUCCESS, cusolverDnDestroy(l.solver));
    CHECK(ingot_shim_live_handles() == 2, "the stream and the library");
    // None without a context.
    OK(cuCtxSetCurrent(nullptr));
    STATUS(CUBLAS_STATUS_NOT_INITIALIZED, cublasCreate_v2(&l.blas));
}

void products() {
    libraries l;
    double *const c = (double *)l.device_ints(2 * 100);
    const auto gemm = [&](int m, int n, int k, const double *a, int lda, double *out, int ldc) {
        return cublasDgemm_v2(l.blas, CUBLAS_OP_T, CUBLAS_OP_N, m, n, k, &one, a, lda, l.matrix, 20, &zero, out, ldc);
    };
    STATUS(CUBLAS_STATUS_SUCCESS, gemm(10, 10, 20, l.matrix, 20, c, 10));
    STATUS(CUBLAS_STATUS_INVALID_VALUE, gemm(10, 10, 20, l.matrix, 19, c, 10));
    STATUS(CUBLAS_STATUS_INVALID_VALUE, gemm(10, 10, 20, l.matrix, 20, c, 9));
    STATUS(CUBLAS_STATUS_INVALID_VALUE, gemm(-1, 10, 20, l.matrix, 20, c, 10));
    STATUS(CUBLAS_STATUS_EXECUTION_FAILED, gemm(10, 10, 20, l.matrix + 1, 20, c, 10));
    STATUS(CUBLAS_STATUS_EXECUTION_FAILED, gemm(10, 10, 20, l.matrix, 20, c, 11));
    STATUS(CUBLAS_STATUS_EXECUTION_FAILED, gemm(10, 10, 20, (double *)l.host_ints(400), 20, c, 10));
    STATUS(CUBLAS_STATUS_INVALID_VALUE,
           cublasDsyrk_v2(l.blas, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, 10, 20, &one, l.matrix, 10, &zero, c, 10));
    // In place neither transposed nor with another distance of columns.
    STATUS(CUBLAS_STATUS_SUCCESS, cublasDgeam(l.blas, CUBLAS_OP_N, CUBLAS_OP_N, 1, 9, &one, c, 11, &zero, c, 11, c, 11));
    STATUS(CUBLAS_STATUS_INVALID_VALUE,
           cublasDgeam(l.blas, CUBLAS_OP_N, CUBLAS_OP_T, 10, 10, &one, c, 10, &one, c, 10, c, 10));
    STATUS(CUBLAS_STATUS_INVALID_VALUE,
           cublasDdgmm(l.blas, CUBLAS_SIDE_RIGHT, 10, 10, c, 10, l.matrix, 1, c, 20));
    STATUS(CUBLAS_STATUS_SUCCESS, cublasDdgmm(l.blas, CUBLAS_SIDE_RIGHT, 10, 10, c, 10, l.matrix, 1, c, 10));
    CHECK(*(unsigned *)c == 0xCBCBCBCBu, "nobody has waited yet");
}

void factorisations() {
    libraries l;
    double *const values = (double *)l.device_ints(2 * 10);
    size_t device_bytes = 0, host_bytes = 0;
    STATUS(CUSOLVER_STATUS_INVALID_VALUE,
           cusolverDnXsyevd_bufferSize(l.solver, nullptr, 1, 0, 10, CUDA_R_64F, l.matrix, 10, CUDA_R_64F, values, CUDA_R_64F,
                                       &device_bytes, &host_bytes));
    STATUS(CUSOLVER_STATUS_SUCCESS,
           cusolverDnXsyevd_bufferSize(l.solver, l.params, 1, 0, 10, CUDA_R_64F, l.matrix, 10, CUDA_R_64F, values,
                                       CUDA_R_64F, &device_bytes, &host_bytes));
    CHECK(device_bytes > 0 && host_bytes > 0, "both are needed");
    void *const work = (void *)l.device_ints(device_bytes / 4), *const host_work = l.host_ints(host_bytes / 4);
    const auto eigen = [&](int64_t lda, double *w, size_t bytes, size_t on_host, int *info) {
        return cusolverDnXsyevd(l.solver, l.params, 1, 0, 10, CUDA_R_64F, l.matrix, lda, CUDA_R_64F, w, CUDA_R_64F, work,
                                bytes, host_work, on_host, info);
    };
    STATUS(CUSOLVER_STATUS_SUCCESS, eigen(10, values, device_bytes, host_bytes, l.info));
    STATUS(CUSOLVER_STATUS_INVALID_VALUE, eigen(9, values, device_bytes, host_bytes, l.info));
    STATUS(CUSOLVER_STATUS_INVALID_VALUE, eigen(10, values, device_bytes - 1, host_bytes, l.info));
    STATUS(CUSOLVER_STATUS_INVALID_VALUE, eigen(10, values, device_bytes, host_bytes - 1, l.info));
    STATUS(CUSOLVER_STATUS_EXECUTION_FAILED, eigen(10, values, device_bytes + 8, host_bytes, l.info));
    STATUS(CUSOLVER_STATUS_EXECUTION_FAILED, eigen(10, values + 1, device_bytes, host_bytes, l.info));
    STATUS(CUSOLVER_STATUS_EXECUTION_FAILED, eigen(10, values, device_bytes, host_bytes, l.host_ints(1)));
    int elements = 0;
    STATUS(CUSOLVER_STATUS_INVALID_VALUE,
           cusolverDnDorgqr_bufferSize(l.solver, 10, 20, 10, l.matrix, 10, values, &elements));
    STATUS(CUSOLVER_STATUS_SUCCESS, cusolverDnDorgqr_bufferSize(l.solver, 20, 10, 10, l.matrix, 20, values, &elements));
    STATUS(CUSOLVER_STATUS_INVALID_VALUE,
           cusolverDnDorgqr(l.solver, 20, 10, 10, l.matrix, 20, values, (double *)work, elements - 1, l.info));
}

void failures_on_demand() {
    libraries l;
    ingot_shim_fail("cublasDsyrk_v2", 1, CUBLAS_STATUS_EXECUTION_FAILED);
    double *const c = (double *)l.device_ints(2 * 100);
    const auto square = [&] {
        return cublasDsyrk_v2(l.blas, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, 10, 20, &one, l.matrix, 20, &zero, c, 10);
    };
    STATUS(CUBLAS_STATUS_EXECUTION_FAILED, square());
    STATUS(CUBLAS_STATUS_SUCCESS, square());
    // Memory that is gone when the stream comes to it.
    OK(cuMemFree_v2((CUdeviceptr)l.matrix));
    EXPECT(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(l.stream));
    STATUS(CUBLAS_STATUS_EXECUTION_FAILED, square());
    ingot_shim_reset();
}

}  // namespace

int main() {
    handles();
    products();
    factorisations();
    failures_on_demand();
    return finish("math");
}
