// SPDX-License-Identifier: Apache-2.0
//
// Arguments of the kernels that test the shim.
#ifndef INGOT_SHIM_TEST_KERNELS_H
#define INGOT_SHIM_TEST_KERNELS_H

#include <stdint.h>

struct test_args {
    const int32_t *in;
    int32_t *out;
    int64_t count;
    int64_t choice;
};

#endif
