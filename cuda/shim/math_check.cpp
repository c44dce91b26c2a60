// SPDX-License-Identifier: Apache-2.0
//
// Compiled only where there are NVIDIA's headers: what the emulated cuBLAS and cuSOLVER declare is what they declare.
#define INGOT_SHIM_REAL_CUDA_H
#define INGOT_SHIM_REAL_MATH_H
#include <cublas_v2.h>
#include <cusolverDn.h>

#include "math_api.h"

#define INGOT_SHIM_CHECK_CONSTANT(name, value) static_assert((int)name == value, #name);
INGOT_SHIM_MATH_CONSTANTS(INGOT_SHIM_CHECK_CONSTANT)

// As a cast, because C++ has an overload more of some.
#define INGOT_SHIM_CHECK_CUBLAS(name, parameters) \
    static_assert(sizeof(static_cast<cublasStatus_t(*) parameters>(&name)) > 0, #name);
#define INGOT_SHIM_CHECK_CUSOLVER(name, parameters) \
    static_assert(sizeof(static_cast<cusolverStatus_t(*) parameters>(&name)) > 0, #name);
INGOT_SHIM_CUBLAS_FUNCTIONS(INGOT_SHIM_CHECK_CUBLAS)
INGOT_SHIM_CUSOLVER_FUNCTIONS(INGOT_SHIM_CHECK_CUSOLVER)

static_assert(sizeof(cublasStatus_t) == sizeof(int) && sizeof(cusolverStatus_t) == sizeof(int) &&
                  sizeof(cublasOperation_t) == sizeof(int) && sizeof(cudaDataType) == sizeof(int),
              "enumerations are ints");
