// SPDX-License-Identifier: Apache-2.0
//
// The part of CUDA C++ that Ingot's kernels use, for a C++ compiler: a .cu file that includes this compiles with
// g++ -x c++ -std=c++17 -ffp-contract=off and runs on the executor of this directory. What is missing here does not
// compile, on purpose: it is added with its real semantics or not at all.
#ifndef INGOT_SHIM_KERNEL_LANGUAGE_H
#define INGOT_SHIM_KERNEL_LANGUAGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__
#define __launch_bounds__(...)
// One block at a time runs on a thread of the system; being thread-local puts all shared memory into one region, which
// the executor fills with garbage before each block.
#define __shared__ static thread_local

#include "vector_types.h"

// Of the thread that runs now; the executor sets them.
extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
constexpr int warpSize = 32;

#include "atomics.h"
#include "collectives.h"
#include "intrinsics.h"
#include "registry.h"

#endif
