// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_DISPATCH_H
#define INGOT_DISPATCH_H

#include "kernel_table.h"

// The kernels of the current instruction set.
const ingot_kernel_table &ingot_current_kernels();

#endif
