// SPDX-License-Identifier: Apache-2.0
#define INGOT_NAMESPACE ingot_avx2

#include "simd/avx2.h"

#include "kernels/table.h"

const ingot_kernel_table *ingot_kernels_avx2() { return &ingot_avx2::table; }
