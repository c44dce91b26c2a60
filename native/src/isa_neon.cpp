// SPDX-License-Identifier: Apache-2.0
#define INGOT_NAMESPACE ingot_neon

#include "simd/neon.h"

#include "kernels/table.h"

const ingot_kernel_table *ingot_kernels_neon() { return &ingot_neon::table; }
