// SPDX-License-Identifier: Apache-2.0
//
// Emulated cuBLAS. Scalars are read from the host at once, operands when the stream comes to them.
#include <algorithm>
#include <vector>

#include "math_shim.h"

using namespace ingot_shim;

namespace {

// cblas.h: CblasColMajor, CblasNoTrans, CblasTrans, CblasUpper, CblasLower.
constexpr int columns = 102, plain = 111, transposed = 112, upper = 121, lower = 122;

using sgemm = void(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
using dgemm = void(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *,
                   int);
using dsyrk = void(int, int, int, int, int, double, const double *, int, double, double *, int);

int trans(cublasOperation_t op) { return op == CUBLAS_OP_N ? plain : transposed; }

bool is_operation(cublasOperation_t op) { return op == CUBLAS_OP_N || op == CUBLAS_OP_T; }

void multiply(int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
              float beta, float *c, int ldc) {
    openblas_as<sgemm>("cblas_sgemm")(columns, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void multiply(int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda, const double *b, int ldb,
              double beta, double *c, int ldc) {
    openblas_as<dgemm>("cblas_dgemm")(columns, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

template <class real>
int gemm(const char *name, cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
         const real *alpha, const real *a, int lda, const real *b, int ldb, const real *beta, real *c, int ldc) {
    return blas_call(name, handle, [&] {
        const bool na = transa == CUBLAS_OP_N, nb = transb == CUBLAS_OP_N;
        if (!is_operation(transa) || !is_operation(transb) || m < 0 || n < 0 || k < 0 || !alpha || !beta ||
            lda < std::max(1, na ? m : k) || ldb < std::max(1, nb ? k : n) || ldc < std::max(1, m)) {
            return CUBLAS_STATUS_INVALID_VALUE;
        }
        if (m == 0 || n == 0) return CUBLAS_STATUS_SUCCESS;
        const real x = *alpha, y = *beta;
        const bool fine = submit(
            name, handle->stream,
            {matrix(a, na ? m : k, na ? k : m, lda, sizeof(real)), matrix(b, nb ? k : n, nb ? n : k, ldb, sizeof(real)),
             matrix(c, m, n, ldc, sizeof(real))},
            [=] { multiply(trans(transa), trans(transb), m, n, k, x, a, lda, b, ldb, y, c, ldc); });
        return fine ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
    });
}

template <class real>
int geam(const char *name, cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
         const real *alpha, const real *a, int lda, const real *beta, const real *b, int ldb, real *c, int ldc) {
    return blas_call(name, handle, [&] {
        const bool na = transa == CUBLAS_OP_N, nb = transb == CUBLAS_OP_N;
        // In place only as what it is.
        const bool overlaps = (c == a && !(na && lda == ldc)) || (c == b && !(nb && ldb == ldc));
        if (!is_operation(transa) || !is_operation(transb) || m < 0 || n < 0 || !alpha || !beta || overlaps ||
            lda < std::max(1, na ? m : n) || ldb < std::max(1, nb ? m : n) || ldc < std::max(1, m)) {
            return CUBLAS_STATUS_INVALID_VALUE;
        }
        if (m == 0 || n == 0) return CUBLAS_STATUS_SUCCESS;
        const real x = *alpha, y = *beta;
        const bool fine = submit(name, handle->stream,
                                 {matrix(a, na ? m : n, na ? n : m, lda, sizeof(real)),
                                  matrix(b, nb ? m : n, nb ? n : m, ldb, sizeof(real)), matrix(c, m, n, ldc, sizeof(real))},
                                 [=] {
                                     for (int64_t j = 0; j < n; j++) {
                                         for (int64_t i = 0; i < m; i++) {
                                             const real first = x == 0 ? 0 : x * a[na ? i + j * lda : j + i * lda];
                                             const real second = y == 0 ? 0 : y * b[nb ? i + j * ldb : j + i * ldb];
                                             c[i + j * ldc] = first + second;
                                         }
                                     }
                                 });
        return fine ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
    });
}

template <class real>
int dgmm(const char *name, cublasHandle_t handle, cublasSideMode_t mode, int m, int n, const real *a, int lda,
         const real *x, int incx, real *c, int ldc) {
    return blas_call(name, handle, [&] {
        if (mode < CUBLAS_SIDE_LEFT || mode > CUBLAS_SIDE_RIGHT || m < 0 || n < 0 || incx != 1 || lda < std::max(1, m) ||
            ldc < std::max(1, m) || (c == a && lda != ldc)) {
            return CUBLAS_STATUS_INVALID_VALUE;
        }
        if (m == 0 || n == 0) return CUBLAS_STATUS_SUCCESS;
        const bool right = mode == CUBLAS_SIDE_RIGHT;
        const bool fine = submit(name, handle->stream,
                                 {matrix(a, m, n, lda, sizeof(real)), matrix(x, right ? n : m, 1, right ? n : m, sizeof(real)),
                                  matrix(c, m, n, ldc, sizeof(real))},
                                 [=] {
                                     for (int64_t j = 0; j < n; j++) {
                                         for (int64_t i = 0; i < m; i++) {
                                             c[i + j * ldc] = a[i + j * lda] * x[right ? j : i];
                                         }
                                     }
                                 });
        return fine ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
    });
}

}  // namespace

extern "C" {

cublasStatus_t cublasSgemm_v2 INGOT_SHIM_GEMM(float) {
    return gemm("cublasSgemm_v2", handle, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

cublasStatus_t cublasDgemm_v2 INGOT_SHIM_GEMM(double) {
    return gemm("cublasDgemm_v2", handle, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

cublasStatus_t cublasDsyrk_v2(cublasHandle_t handle, cublasFillMode_t uplo, cublasOperation_t op, int n, int k,
                              const double *alpha, const double *a, int lda, const double *beta, double *c, int ldc) {
    return blas_call("cublasDsyrk_v2", handle, [&] {
        const bool na = op == CUBLAS_OP_N;
        if (!is_operation(op) || uplo < CUBLAS_FILL_MODE_LOWER || uplo > CUBLAS_FILL_MODE_UPPER || n < 0 || k < 0 ||
            !alpha || !beta || lda < std::max(1, na ? n : k) || ldc < std::max(1, n)) {
            return CUBLAS_STATUS_INVALID_VALUE;
        }
        if (n == 0) return CUBLAS_STATUS_SUCCESS;
        const double x = *alpha, y = *beta;
        const int part = uplo == CUBLAS_FILL_MODE_LOWER ? lower : upper;
        const bool fine = submit("cublasDsyrk_v2", handle->stream,
                                 {matrix(a, na ? n : k, na ? k : n, lda, 8), matrix(c, n, n, ldc, 8)}, [=] {
                                     openblas_as<dsyrk>("cblas_dsyrk")(columns, part, trans(op), n, k, x, a, lda, y, c,
                                                                       ldc);
                                 });
        return fine ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
    });
}

cublasStatus_t cublasSgeam INGOT_SHIM_GEAM(float) {
    return geam("cublasSgeam", handle, transa, transb, m, n, alpha, a, lda, beta, b, ldb, c, ldc);
}

cublasStatus_t cublasDgeam INGOT_SHIM_GEAM(double) {
    return geam("cublasDgeam", handle, transa, transb, m, n, alpha, a, lda, beta, b, ldb, c, ldc);
}

cublasStatus_t cublasSdgmm INGOT_SHIM_DGMM(float) {
    return dgmm("cublasSdgmm", handle, mode, m, n, a, lda, x, incx, c, ldc);
}

cublasStatus_t cublasDdgmm INGOT_SHIM_DGMM(double) {
    return dgmm("cublasDdgmm", handle, mode, m, n, a, lda, x, incx, c, ldc);
}

// In float64 alone.
cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m,
                                          int n, int k, const void *alpha, const void *a, cudaDataType a_type, int lda,
                                          long long stride_a, const void *b, cudaDataType b_type, int ldb,
                                          long long stride_b, const void *beta, void *c, cudaDataType c_type, int ldc,
                                          long long stride_c, int batches, cublasComputeType_t compute,
                                          cublasGemmAlgo_t) {
    if (a_type != CUDA_R_64F || b_type != CUDA_R_64F || c_type != CUDA_R_64F || compute != CUBLAS_COMPUTE_64F ||
        batches < 0) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    for (int i = 0; i < batches; i++) {
        const int status =
            gemm("cublasGemmStridedBatchedEx", handle, transa, transb, m, n, k, (const double *)alpha,
                 (const double *)a + i * stride_a, lda, (const double *)b + i * stride_b, ldb, (const double *)beta,
                 (double *)c + i * stride_c, ldc);
        if (status != CUBLAS_STATUS_SUCCESS) return status;
    }
    return CUBLAS_STATUS_SUCCESS;
}
}
