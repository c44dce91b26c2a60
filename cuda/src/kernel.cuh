// SPDX-License-Identifier: Apache-2.0
//
// What every kernel file includes first. nvcc compiles all files of this directory as one translation unit, so that one
// fatbin has all kernels: names must be distinct. g++ compiles each against the host shim (cuda/shim), which runs them
// without a GPU.
#ifndef INGOT_KERNEL_CUH
#define INGOT_KERNEL_CUH

#ifndef __CUDACC__
#include "../shim/kernel_language.h"
#endif

#include "ingot/gpu.h"

// Defines a kernel: INGOT_KERNEL(ingot_gpu_name, args_type, INGOT_GPU_NAME_THREADS) { uses args }
//
// INGOT_KERNEL_RESIDENT: the same with the number of blocks that shall fit onto a multiprocessor. ptxas then uses the
// registers that this leaves it; by itself it saves registers and puts the uses of loads between the loads.
#ifdef __CUDACC__
#define INGOT_KERNEL(name, args_type, threads) \
    extern "C" __global__ void __launch_bounds__(threads) name(const __grid_constant__ args_type args)
#define INGOT_KERNEL_RESIDENT(name, args_type, threads, blocks) \
    extern "C" __global__ void __launch_bounds__(threads, blocks) name(const __grid_constant__ args_type args)
#else
#define INGOT_KERNEL_RESIDENT(name, args_type, threads, blocks) INGOT_KERNEL(name, args_type, threads)
#define INGOT_KERNEL(name, args_type, threads)                                                                   \
    static void name(const args_type args);                                                                      \
    static const ingot_shim::registered_kernel name##_registration(                                              \
        #name, sizeof(args_type), threads, [](const void *args) { name(*static_cast<const args_type *>(args)); }); \
    static void name([[maybe_unused]] const args_type args)
#endif

#endif
