// SPDX-License-Identifier: Apache-2.0
//
// Emulated cuSOLVER: the 64-bit interface of syevd, geqrf and potrf, and orgqr. Work space is asked for in odd sizes and filled with
// garbage. What a routine finds (info) can be forced: ingot_shim_fail with the name of the routine and ".info".
#include <string.h>

#include <algorithm>
#include <string>

#include "math_shim.h"

using namespace ingot_shim;

namespace {

constexpr int columns = 102;
constexpr size_t least_device_work = 1032, least_host_work = 72;

using ssyevd = int(int, char, char, int, float *, int, float *);
using dsyevd = int(int, char, char, int, double *, int, double *);
using sgeqrf = int(int, int, int, float *, int, float *);
using dgeqrf = int(int, int, int, double *, int, double *);
using dpotrf = int(int, char, int, double *, int);
using sorgqr = int(int, int, int, int, float *, int, const float *);
using dorgqr = int(int, int, int, int, double *, int, const double *);

int orgqr(int m, int n, int k, float *a, int lda, const float *tau) {
    return openblas_as<sorgqr>("LAPACKE_sorgqr")(columns, m, n, k, a, lda, tau);
}

int orgqr(int m, int n, int k, double *a, int lda, const double *tau) {
    return openblas_as<dorgqr>("LAPACKE_dorgqr")(columns, m, n, k, a, lda, tau);
}

size_t element(cudaDataType type) { return type == CUDA_R_64F ? 8 : 4; }

bool is_real(cudaDataType type) { return type == CUDA_R_32F || type == CUDA_R_64F; }

size_t device_work(int64_t rows, int64_t cols) { return least_device_work + 8 * (size_t)(rows + cols); }

// The routine's own finding, or the one that was asked for.
int finding(const char *routine, int found) {
    const CUresult told = injected((std::string(routine) + ".info").c_str());
    return told == CUDA_SUCCESS ? found : (int)told;
}

int sizes(bool valid, int64_t rows, int64_t cols, size_t *on_device, size_t *on_host) {
    if (!valid || !on_device || !on_host) return CUSOLVER_STATUS_INVALID_VALUE;
    *on_device = device_work(rows, cols);
    *on_host = least_host_work;
    return CUSOLVER_STATUS_SUCCESS;
}

bool is_eigen(cusolverDnParams_t params, cusolverEigMode_t job, cublasFillMode_t uplo, int64_t n, cudaDataType a,
              int64_t lda, cudaDataType w, cudaDataType compute) {
    return params && job >= CUSOLVER_EIG_MODE_NOVECTOR && job <= CUSOLVER_EIG_MODE_VECTOR && uplo >= 0 && uplo <= 1 &&
           n >= 0 && lda >= std::max<int64_t>(1, n) && is_real(a) && w == a && compute == a;
}

template <class real>
int orgqr_size(const char *name, cusolverDnHandle_t handle, int m, int n, int k, int lda, int *lwork) {
    return solver_call(name, handle, [&] {
        if (m < n || n < k || k < 0 || lda < std::max(1, m) || !lwork) return CUSOLVER_STATUS_INVALID_VALUE;
        *lwork = (int)(device_work(m, n) / sizeof(real));
        return CUSOLVER_STATUS_SUCCESS;
    });
}

template <class real>
int orgqr_run(const char *name, cusolverDnHandle_t handle, int m, int n, int k, real *a, int lda, const real *tau,
              real *work, int lwork, int *info) {
    return solver_call(name, handle, [&] {
        if (m < n || n < k || k < 0 || lda < std::max(1, m) || lwork < (int)(device_work(m, n) / sizeof(real))) {
            return CUSOLVER_STATUS_INVALID_VALUE;
        }
        const bool fine = submit(name, handle->stream,
                                 {matrix(a, m, n, lda, sizeof(real)), matrix(tau, k, 1, k, sizeof(real)),
                                  {work, lwork * sizeof(real)}, {info, sizeof *info}},
                                 [=] {
                                     memset(work, 0xEE, lwork * sizeof(real));
                                     *info = finding(name, orgqr(m, n, k, a, lda, tau));
                                 });
        return fine ? CUSOLVER_STATUS_SUCCESS : CUSOLVER_STATUS_EXECUTION_FAILED;
    });
}

}  // namespace

extern "C" {

cusolverStatus_t cusolverDnXsyevd_bufferSize(cusolverDnHandle_t handle, cusolverDnParams_t params, cusolverEigMode_t job,
                                             cublasFillMode_t uplo, int64_t n, cudaDataType a_type, const void *,
                                             int64_t lda, cudaDataType w_type, const void *, cudaDataType compute,
                                             size_t *device_bytes, size_t *host_bytes) {
    return solver_call("cusolverDnXsyevd_bufferSize", handle, [&] {
        return sizes(is_eigen(params, job, uplo, n, a_type, lda, w_type, compute), n, n, device_bytes, host_bytes);
    });
}

cusolverStatus_t cusolverDnXsyevd(cusolverDnHandle_t handle, cusolverDnParams_t params, cusolverEigMode_t job,
                                  cublasFillMode_t uplo, int64_t n, cudaDataType a_type, void *a, int64_t lda,
                                  cudaDataType w_type, void *w, cudaDataType compute, void *work, size_t work_bytes,
                                  void *host_work, size_t host_bytes, int *info) {
    return solver_call("cusolverDnXsyevd", handle, [&] {
        if (!is_eigen(params, job, uplo, n, a_type, lda, w_type, compute) || work_bytes < device_work(n, n) ||
            host_bytes < least_host_work || !host_work) {
            return CUSOLVER_STATUS_INVALID_VALUE;
        }
        const bool fine = submit(
            "cusolverDnXsyevd", handle->stream,
            {matrix(a, n, n, lda, element(a_type)), matrix(w, n, 1, n, element(a_type)), {work, work_bytes},
             {info, sizeof *info}},
            [=] {
                memset(work, 0xEE, work_bytes);
                memset(host_work, 0xEE, host_bytes);
                const char vectors = job == CUSOLVER_EIG_MODE_VECTOR ? 'V' : 'N';
                const char part = uplo == CUBLAS_FILL_MODE_LOWER ? 'L' : 'U';
                const int found = a_type == CUDA_R_64F
                                      ? openblas_as<dsyevd>("LAPACKE_dsyevd")(columns, vectors, part, (int)n, (double *)a,
                                                                              (int)lda, (double *)w)
                                      : openblas_as<ssyevd>("LAPACKE_ssyevd")(columns, vectors, part, (int)n, (float *)a,
                                                                              (int)lda, (float *)w);
                *info = finding("cusolverDnXsyevd", found);
            });
        return fine ? CUSOLVER_STATUS_SUCCESS : CUSOLVER_STATUS_EXECUTION_FAILED;
    });
}

cusolverStatus_t cusolverDnXgeqrf_bufferSize(cusolverDnHandle_t handle, cusolverDnParams_t params, int64_t m, int64_t n,
                                             cudaDataType a_type, const void *, int64_t lda, cudaDataType tau_type,
                                             const void *, cudaDataType compute, size_t *device_bytes,
                                             size_t *host_bytes) {
    return solver_call("cusolverDnXgeqrf_bufferSize", handle, [&] {
        const bool valid = params && m >= 0 && n >= 0 && lda >= std::max<int64_t>(1, m) && is_real(a_type) &&
                           tau_type == a_type && compute == a_type;
        return sizes(valid, m, n, device_bytes, host_bytes);
    });
}

cusolverStatus_t cusolverDnXgeqrf(cusolverDnHandle_t handle, cusolverDnParams_t params, int64_t m, int64_t n,
                                  cudaDataType a_type, void *a, int64_t lda, cudaDataType tau_type, void *tau,
                                  cudaDataType compute, void *work, size_t work_bytes, void *host_work, size_t host_bytes,
                                  int *info) {
    return solver_call("cusolverDnXgeqrf", handle, [&] {
        if (!params || m < 0 || n < 0 || lda < std::max<int64_t>(1, m) || !is_real(a_type) || tau_type != a_type ||
            compute != a_type || work_bytes < device_work(m, n) || host_bytes < least_host_work || !host_work) {
            return CUSOLVER_STATUS_INVALID_VALUE;
        }
        const int64_t k = std::min(m, n);
        const bool fine = submit(
            "cusolverDnXgeqrf", handle->stream,
            {matrix(a, m, n, lda, element(a_type)), matrix(tau, k, 1, k, element(a_type)), {work, work_bytes},
             {info, sizeof *info}},
            [=] {
                memset(work, 0xEE, work_bytes);
                memset(host_work, 0xEE, host_bytes);
                const int found = a_type == CUDA_R_64F
                                      ? openblas_as<dgeqrf>("LAPACKE_dgeqrf")(columns, (int)m, (int)n, (double *)a,
                                                                              (int)lda, (double *)tau)
                                      : openblas_as<sgeqrf>("LAPACKE_sgeqrf")(columns, (int)m, (int)n, (float *)a,
                                                                              (int)lda, (float *)tau);
                *info = finding("cusolverDnXgeqrf", found);
            });
        return fine ? CUSOLVER_STATUS_SUCCESS : CUSOLVER_STATUS_EXECUTION_FAILED;
    });
}

// In float64 alone.
cusolverStatus_t cusolverDnXpotrf_bufferSize(cusolverDnHandle_t handle, cusolverDnParams_t params, cublasFillMode_t uplo,
                                             int64_t n, cudaDataType a_type, const void *, int64_t lda,
                                             cudaDataType compute, size_t *device_bytes, size_t *host_bytes) {
    return solver_call("cusolverDnXpotrf_bufferSize", handle, [&] {
        return sizes(is_eigen(params, CUSOLVER_EIG_MODE_NOVECTOR, uplo, n, a_type, lda, CUDA_R_64F, compute), n, n,
                     device_bytes, host_bytes);
    });
}

cusolverStatus_t cusolverDnXpotrf(cusolverDnHandle_t handle, cusolverDnParams_t params, cublasFillMode_t uplo, int64_t n,
                                  cudaDataType a_type, void *a, int64_t lda, cudaDataType compute, void *work,
                                  size_t work_bytes, void *host_work, size_t host_bytes, int *info) {
    return solver_call("cusolverDnXpotrf", handle, [&] {
        if (!is_eigen(params, CUSOLVER_EIG_MODE_NOVECTOR, uplo, n, a_type, lda, CUDA_R_64F, compute) ||
            work_bytes < device_work(n, n) || host_bytes < least_host_work || !host_work) {
            return CUSOLVER_STATUS_INVALID_VALUE;
        }
        const bool fine = submit("cusolverDnXpotrf", handle->stream,
                                 {matrix(a, n, n, lda, 8), {work, work_bytes}, {info, sizeof *info}}, [=] {
                                     memset(work, 0xEE, work_bytes);
                                     memset(host_work, 0xEE, host_bytes);
                                     const char part = uplo == CUBLAS_FILL_MODE_LOWER ? 'L' : 'U';
                                     *info = finding("cusolverDnXpotrf",
                                                     openblas_as<dpotrf>("LAPACKE_dpotrf")(columns, part, (int)n,
                                                                                           (double *)a, (int)lda));
                                 });
        return fine ? CUSOLVER_STATUS_SUCCESS : CUSOLVER_STATUS_EXECUTION_FAILED;
    });
}

cusolverStatus_t cusolverDnSorgqr_bufferSize(cusolverDnHandle_t handle, int m, int n, int k, const float *, int lda,
                                             const float *, int *lwork) {
    return orgqr_size<float>("cusolverDnSorgqr_bufferSize", handle, m, n, k, lda, lwork);
}

cusolverStatus_t cusolverDnDorgqr_bufferSize(cusolverDnHandle_t handle, int m, int n, int k, const double *, int lda,
                                             const double *, int *lwork) {
    return orgqr_size<double>("cusolverDnDorgqr_bufferSize", handle, m, n, k, lda, lwork);
}

cusolverStatus_t cusolverDnSorgqr INGOT_SHIM_ORGQR(float) {
    return orgqr_run("cusolverDnSorgqr", handle, m, n, k, a, lda, tau, work, lwork, info);
}

cusolverStatus_t cusolverDnDorgqr INGOT_SHIM_ORGQR(double) {
    return orgqr_run("cusolverDnDorgqr", handle, m, n, k, a, lda, tau, work, lwork, info);
}
}
