// SPDX-License-Identifier: Apache-2.0
//
// Formulas of the elementwise methods, written once for C++ and CUDA. Each is a template over a small vocabulary (see
// scalar.h): with float it is scalar and CUDA code, with the types of src/simd it is AVX2, AVX-512 or NEON code.
#ifndef INGOT_MATH_CONFIG_H
#define INGOT_MATH_CONFIG_H

#ifdef __CUDACC__
#define INGOT_FN __host__ __device__ inline
#else
#define INGOT_FN inline
#endif

// Every instruction set compiles these headers into a namespace of its own: otherwise the linker could keep the AVX-512
// copy of an inline function for all variants.
#ifndef INGOT_NAMESPACE
#define INGOT_NAMESPACE ingot
#endif

#endif
