// SPDX-License-Identifier: Apache-2.0

/**
 * The CUDA driver as objects: GPUs, contexts, modules, streams, events, memory; and cuBLAS and cuSOLVER. Every result is checked, and a
 * failure is a {@link dev.ingot.cuda.CudaException}. Whoever creates an object closes it.
 */
package dev.ingot.cuda;
