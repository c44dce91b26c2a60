// SPDX-License-Identifier: Apache-2.0
#define INGOT_NAMESPACE ingot_avx512

#include "simd/avx512.h"

#include "kernels/table.h"

const ingot_kernel_table *ingot_kernels_avx512() { return &ingot_avx512::table; }
