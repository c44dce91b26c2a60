// SPDX-License-Identifier: Apache-2.0
//
// The parts of cuBLAS and cuSOLVER that Ingot calls: types and functions under their exported names, so that the emulated
// libraries build without a toolkit. Where there is one, math_check.cpp compares all of it with NVIDIA's headers.
#ifndef INGOT_SHIM_MATH_API_H
#define INGOT_SHIM_MATH_API_H

#include <stddef.h>
#include <stdint.h>

#include "driver_api.h"

// X(name, value)
#define INGOT_SHIM_MATH_CONSTANTS(X)        \
    X(CUBLAS_STATUS_SUCCESS, 0)             \
    X(CUBLAS_STATUS_NOT_INITIALIZED, 1)     \
    X(CUBLAS_STATUS_ALLOC_FAILED, 3)        \
    X(CUBLAS_STATUS_INVALID_VALUE, 7)       \
    X(CUBLAS_STATUS_EXECUTION_FAILED, 13)   \
    X(CUBLAS_OP_N, 0)                       \
    X(CUBLAS_OP_T, 1)                       \
    X(CUBLAS_FILL_MODE_LOWER, 0)            \
    X(CUBLAS_FILL_MODE_UPPER, 1)            \
    X(CUBLAS_SIDE_LEFT, 0)                  \
    X(CUBLAS_SIDE_RIGHT, 1)                 \
    X(CUBLAS_COMPUTE_64F, 70)               \
    X(CUDA_R_32F, 0)                        \
    X(CUDA_R_64F, 1)                        \
    X(CUSOLVER_STATUS_SUCCESS, 0)           \
    X(CUSOLVER_STATUS_NOT_INITIALIZED, 1)   \
    X(CUSOLVER_STATUS_ALLOC_FAILED, 2)      \
    X(CUSOLVER_STATUS_INVALID_VALUE, 3)     \
    X(CUSOLVER_STATUS_EXECUTION_FAILED, 6)  \
    X(CUSOLVER_EIG_MODE_NOVECTOR, 0)        \
    X(CUSOLVER_EIG_MODE_VECTOR, 1)

#define INGOT_SHIM_GEMM(real)                                                                                          \
    (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k, const real *alpha, \
     const real *a, int lda, const real *b, int ldb, const real *beta, real *c, int ldc)
#define INGOT_SHIM_GEAM(real)                                                                                        \
    (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, const real *alpha,      \
     const real *a, int lda, const real *beta, const real *b, int ldb, real *c, int ldc)
#define INGOT_SHIM_DGMM(real)                                                                                       \
    (cublasHandle_t handle, cublasSideMode_t mode, int m, int n, const real *a, int lda, const real *x, int incx,    \
     real *c, int ldc)
#define INGOT_SHIM_ORGQR_SIZE(real) \
    (cusolverDnHandle_t handle, int m, int n, int k, const real *a, int lda, const real *tau, int *lwork)
#define INGOT_SHIM_ORGQR(real)                                                                                      \
    (cusolverDnHandle_t handle, int m, int n, int k, real *a, int lda, const real *tau, real *work, int lwork, int *info)

// X(name, parameters)
#define INGOT_SHIM_CUBLAS_FUNCTIONS(X)                                                                                 \
    X(cublasCreate_v2, (cublasHandle_t * handle))                                                                      \
    X(cublasDestroy_v2, (cublasHandle_t handle))                                                                       \
    X(cublasSetStream_v2, (cublasHandle_t handle, cudaStream_t stream))                                                \
    X(cublasSgemm_v2, INGOT_SHIM_GEMM(float))                                                                          \
    X(cublasDgemm_v2, INGOT_SHIM_GEMM(double))                                                                         \
    X(cublasDsyrk_v2, (cublasHandle_t handle, cublasFillMode_t uplo, cublasOperation_t trans, int n, int k,            \
                       const double *alpha, const double *a, int lda, const double *beta, double *c, int ldc))         \
    X(cublasSgeam, INGOT_SHIM_GEAM(float))                                                                             \
    X(cublasDgeam, INGOT_SHIM_GEAM(double))                                                                            \
    X(cublasSdgmm, INGOT_SHIM_DGMM(float))                                                                             \
    X(cublasDdgmm, INGOT_SHIM_DGMM(double))                                                                            \
    X(cublasGemmStridedBatchedEx,                                                                                      \
      (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,                 \
       const void *alpha, const void *a, cudaDataType a_type, int lda, long long stride_a, const void *b,              \
       cudaDataType b_type, int ldb, long long stride_b, const void *beta, void *c, cudaDataType c_type, int ldc,      \
       long long stride_c, int batches, cublasComputeType_t compute, cublasGemmAlgo_t algorithm))

#define INGOT_SHIM_CUSOLVER_FUNCTIONS(X)                                                                               \
    X(cusolverGetVersion, (int *version))                                                                              \
    X(cusolverDnCreate, (cusolverDnHandle_t * handle))                                                                 \
    X(cusolverDnDestroy, (cusolverDnHandle_t handle))                                                                  \
    X(cusolverDnSetStream, (cusolverDnHandle_t handle, cudaStream_t stream))                                           \
    X(cusolverDnCreateParams, (cusolverDnParams_t * params))                                                           \
    X(cusolverDnDestroyParams, (cusolverDnParams_t params))                                                            \
    X(cusolverDnXsyevd_bufferSize,                                                                                     \
      (cusolverDnHandle_t handle, cusolverDnParams_t params, cusolverEigMode_t job, cublasFillMode_t uplo, int64_t n,  \
       cudaDataType a_type, const void *a, int64_t lda, cudaDataType w_type, const void *w, cudaDataType compute,      \
       size_t *device_bytes, size_t *host_bytes))                                                                      \
    X(cusolverDnXsyevd,                                                                                                \
      (cusolverDnHandle_t handle, cusolverDnParams_t params, cusolverEigMode_t job, cublasFillMode_t uplo, int64_t n,  \
       cudaDataType a_type, void *a, int64_t lda, cudaDataType w_type, void *w, cudaDataType compute,                  \
       void *device_work, size_t device_bytes, void *host_work, size_t host_bytes, int *info))                         \
    X(cusolverDnXgeqrf_bufferSize,                                                                                     \
      (cusolverDnHandle_t handle, cusolverDnParams_t params, int64_t m, int64_t n, cudaDataType a_type, const void *a, \
       int64_t lda, cudaDataType tau_type, const void *tau, cudaDataType compute, size_t *device_bytes,                \
       size_t *host_bytes))                                                                                            \
    X(cusolverDnXgeqrf,                                                                                                \
      (cusolverDnHandle_t handle, cusolverDnParams_t params, int64_t m, int64_t n, cudaDataType a_type, void *a,       \
       int64_t lda, cudaDataType tau_type, void *tau, cudaDataType compute, void *device_work, size_t device_bytes,    \
       void *host_work, size_t host_bytes, int *info))                                                                 \
    X(cusolverDnXpotrf_bufferSize,                                                                                     \
      (cusolverDnHandle_t handle, cusolverDnParams_t params, cublasFillMode_t uplo, int64_t n, cudaDataType a_type,    \
       const void *a, int64_t lda, cudaDataType compute, size_t *device_bytes, size_t *host_bytes))                    \
    X(cusolverDnXpotrf,                                                                                                \
      (cusolverDnHandle_t handle, cusolverDnParams_t params, cublasFillMode_t uplo, int64_t n, cudaDataType a_type,    \
       void *a, int64_t lda, cudaDataType compute, void *device_work, size_t device_bytes, void *host_work,            \
       size_t host_bytes, int *info))                                                                                  \
    X(cusolverDnSorgqr_bufferSize, INGOT_SHIM_ORGQR_SIZE(float))                                                       \
    X(cusolverDnDorgqr_bufferSize, INGOT_SHIM_ORGQR_SIZE(double))                                                      \
    X(cusolverDnSorgqr, INGOT_SHIM_ORGQR(float))                                                                       \
    X(cusolverDnDorgqr, INGOT_SHIM_ORGQR(double))

#ifndef INGOT_SHIM_REAL_MATH_H

#define INGOT_SHIM_CONSTANT(name, value) constexpr int name = value;
INGOT_SHIM_MATH_CONSTANTS(INGOT_SHIM_CONSTANT)
#undef INGOT_SHIM_CONSTANT

typedef int cublasStatus_t, cusolverStatus_t;
typedef int cublasOperation_t, cublasFillMode_t, cublasSideMode_t, cublasComputeType_t, cublasGemmAlgo_t;
typedef int cudaDataType, cusolverEigMode_t;
typedef CUstream cudaStream_t;
typedef struct cublasContext *cublasHandle_t;
typedef struct cusolverDnContext *cusolverDnHandle_t;
typedef struct cusolverDnParams *cusolverDnParams_t;

#define INGOT_SHIM_DECLARE_CUBLAS(name, parameters) \
    extern "C" __attribute__((visibility("default"))) cublasStatus_t name parameters;
#define INGOT_SHIM_DECLARE_CUSOLVER(name, parameters) \
    extern "C" __attribute__((visibility("default"))) cusolverStatus_t name parameters;
INGOT_SHIM_CUBLAS_FUNCTIONS(INGOT_SHIM_DECLARE_CUBLAS)
INGOT_SHIM_CUSOLVER_FUNCTIONS(INGOT_SHIM_DECLARE_CUSOLVER)
#undef INGOT_SHIM_DECLARE_CUBLAS
#undef INGOT_SHIM_DECLARE_CUSOLVER

extern "C" __attribute__((visibility("default"))) const char *cublasGetStatusName(cublasStatus_t status);

#endif

#endif
