// SPDX-License-Identifier: Apache-2.0
//
// What the emulated cuBLAS and cuSOLVER share: handles, checks of operands, and OpenBLAS, which does their arithmetic.
// Everything is work of the handle's stream, done as late as that of the driver.
#ifndef INGOT_SHIM_MATH_SHIM_H
#define INGOT_SHIM_MATH_SHIM_H

#include <functional>
#include <vector>

#include "driver.h"
#include "math_api.h"

struct cublasContext {
    int device;
    CUstream stream;
};
struct cusolverDnContext {
    int device;
    CUstream stream;
};
struct cusolverDnParams {};

namespace ingot_shim {

// Device memory that an operation reads or writes.
struct operand {
    const void *at;
    size_t bytes;
};

// Columns of a matrix; no bytes where it is empty.
operand matrix(const void *at, int64_t rows, int64_t cols, int64_t stride, size_t element);

// A function of OpenBLAS, of which the Java process under test has opened a copy; ends the process where it has not.
void *openblas(const char *name);

template <class Function>
Function *openblas_as(const char *name) {
    return (Function *)openblas(name);
}

// Locks, checks the handle and whether the function was told to fail, then runs body. All statuses are ints.
int blas_call(const char *function, cublasHandle_t handle, const std::function<int()> &body);
int solver_call(const char *function, cusolverDnHandle_t handle, const std::function<int()> &body);

// Whether all of it is memory of the device.
bool all_there(int device, const std::vector<operand> &operands);
// Puts work at the end of the stream; the operands must still be there when it comes to it.
bool submit(const char *function, CUstream stream, const std::vector<operand> &operands, std::function<void()> work);

// Live handles of both libraries.
int64_t math_handles();
void forget_math();

}  // namespace ingot_shim

#endif
