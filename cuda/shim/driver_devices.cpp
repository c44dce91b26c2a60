// SPDX-License-Identifier: Apache-2.0
//
// Initialisation, errors in words, devices and their contexts.
#include <stdio.h>

#include "driver.h"
#include "executor.h"
#include "memory.h"

using namespace ingot_shim;

namespace {

const char *name_of_result(CUresult result) {
#define INGOT_SHIM_NAME(name, value) \
    case name: return #name;
    switch (result) { INGOT_SHIM_RESULTS(INGOT_SHIM_NAME) }
#undef INGOT_SHIM_NAME
    return nullptr;
}

bool is_device(CUdevice device) { return device >= 0 && device < device_count(); }

// Runs body for a device that there is.
CUresult of_device(const char *function, CUdevice device, const std::function<CUresult()> &body) {
    return call(function, needs::initialised,
                [&] { return is_device(device) ? body() : CUDA_ERROR_INVALID_DEVICE; });
}

CUcontext context_of(int device) { return (CUcontext)&the_driver().devices[device]; }

void end_context(int which) {
    driver &d = the_driver();
    drain_all(which);
    d.leaked_handles += forget_streams(which);
    d.leaked_allocations += release_all(which);
    d.devices[which] = {};
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned flags) {
    return call("cuInit", needs::nothing, [&] {
        if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
        if (device_count() == 0) return CUDA_ERROR_NO_DEVICE;
        the_driver().initialised = true;
        return CUDA_SUCCESS;
    });
}

CUresult cuDriverGetVersion(int *version) {
    return call("cuDriverGetVersion", needs::nothing, [&] {
        if (!version) return CUDA_ERROR_INVALID_VALUE;
        *version = driver_version();
        return CUDA_SUCCESS;
    });
}

CUresult cuGetErrorName(CUresult error, const char **text) {
    return call("cuGetErrorName", needs::nothing, [&] {
        *text = name_of_result(error);
        return *text ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    });
}

CUresult cuGetErrorString(CUresult error, const char **text) {
    return call("cuGetErrorString", needs::nothing, [&] {
        *text = name_of_result(error) ? "as the host shim reports it" : nullptr;
        return *text ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    });
}

CUresult cuDeviceGetCount(int *count) {
    return call("cuDeviceGetCount", needs::initialised, [&] {
        *count = device_count();
        return CUDA_SUCCESS;
    });
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
    return of_device("cuDeviceGet", ordinal, [&] {
        *device = ordinal;
        return CUDA_SUCCESS;
    });
}

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
    return of_device("cuDeviceGetName", device, [&] {
        snprintf(name, (size_t)length, "Ingot host shim %d", device);
        return CUDA_SUCCESS;
    });
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
    return of_device("cuDeviceGetAttribute", device, [&] {
        switch (attribute) {
#define INGOT_SHIM_ANSWER(name, number, answer) \
    case name: *value = answer; break;
            INGOT_SHIM_ATTRIBUTES(INGOT_SHIM_ANSWER)
#undef INGOT_SHIM_ANSWER
            default: return CUDA_ERROR_INVALID_VALUE;
        }
        if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) *value = compute_capability() / 10;
        if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR) *value = compute_capability() % 10;
        if (attribute == CU_DEVICE_ATTRIBUTE_PCI_BUS_ID) *value = device + 1;
        return CUDA_SUCCESS;
    });
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
    return of_device("cuDeviceTotalMem_v2", device, [&] {
        *bytes = memory_size();
        return CUDA_SUCCESS;
    });
}

CUresult cuDeviceGetPCIBusId(char *id, int length, CUdevice device) {
    return of_device("cuDeviceGetPCIBusId", device, [&] {
        if (length < 13) return CUDA_ERROR_INVALID_VALUE;
        snprintf(id, (size_t)length, "0000:%02x:00.0", device + 1);
        return CUDA_SUCCESS;
    });
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
    return of_device("cuDevicePrimaryCtxRetain", device, [&] {
        ingot_shim::device &d = the_driver().devices[device];
        if (d.broken != CUDA_SUCCESS) return d.broken;
        d.references++;
        *context = context_of(device);
        return CUDA_SUCCESS;
    });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    return of_device("cuDevicePrimaryCtxRelease_v2", device, [&] {
        ingot_shim::device &d = the_driver().devices[device];
        if (d.references == 0) return CUDA_ERROR_INVALID_CONTEXT;
        if (--d.references == 0) end_context(device);
        return CUDA_SUCCESS;
    });
}

CUresult cuCtxSetCurrent(CUcontext context) {
    return call("cuCtxSetCurrent", needs::initialised, [&] {
        int which = -1;
        for (int i = 0; i < most_devices; i++) {
            if (context == context_of(i) && the_driver().devices[i].references > 0) which = i;
        }
        if (context && which < 0) return CUDA_ERROR_INVALID_CONTEXT;
        this_thread.device = which;
        return CUDA_SUCCESS;
    });
}

CUresult cuCtxSynchronize() {
    return call("cuCtxSynchronize", needs::context, [] { return drain_all(this_thread.device); });
}
}
