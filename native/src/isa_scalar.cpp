// SPDX-License-Identifier: Apache-2.0
#define INGOT_NAMESPACE ingot_scalar

#include "simd/scalar.h"

#include "kernels/table.h"

const ingot_kernel_table *ingot_kernels_scalar() { return &ingot_scalar::table; }
