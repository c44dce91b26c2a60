/* SPDX-License-Identifier: Apache-2.0 */
/* cublas_api.h adds overloads for C++ that make names ambiguous. Read as C, with the headers it needs read before, it has none. */
#include <cstddef>
#include <cstdint>
#include <driver_types.h>
#include <cuComplex.h>
#include <cuda_fp16.h>
#include <cuda_bf16.h>
#include <library_types.h>
#pragma push_macro("__cplusplus")
#undef __cplusplus
#include <cublas_api.h>
#pragma pop_macro("__cplusplus")
