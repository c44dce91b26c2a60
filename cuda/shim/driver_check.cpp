// SPDX-License-Identifier: Apache-2.0
//
// Compiled only where there is a CUDA toolkit: what the emulated driver declares is what cuda.h declares.
#define INGOT_SHIM_REAL_CUDA_H
#include <cuda.h>

#include <type_traits>

#include "driver_api.h"

#define INGOT_SHIM_CHECK_CONSTANT(name, value, ...) static_assert((int)name == value, #name);
INGOT_SHIM_RESULTS(INGOT_SHIM_CHECK_CONSTANT)
INGOT_SHIM_ATTRIBUTES(INGOT_SHIM_CHECK_CONSTANT)
static_assert(CU_STREAM_NON_BLOCKING == 1 && CU_EVENT_DISABLE_TIMING == 2, "flags");

// The first release with cuEventElapsedTime_v2.
#if CUDA_VERSION >= 12080
#define INGOT_SHIM_CHECK_FUNCTION(name, parameters) \
    static_assert(std::is_same<decltype(&name), CUresult(*) parameters>::value, #name);
INGOT_SHIM_FUNCTIONS(INGOT_SHIM_CHECK_FUNCTION)
#endif

static_assert(sizeof(CUresult) == sizeof(int) && sizeof(CUdevice_attribute) == sizeof(int), "enumerations are ints");
static_assert(std::is_same<CUdevice, int>::value && std::is_same<CUdeviceptr, unsigned long long>::value, "integers");
