// SPDX-License-Identifier: Apache-2.0
#include "driver.h"

#include <stdio.h>

#include <new>

#include "executor.h"
#include "ingot_shim.h"
#include "math_shim.h"
#include "memory.h"

namespace ingot_shim {

namespace {

// After these a context is of no use any more (cuda.h says so at each).
bool is_lasting(CUresult result) {
    switch (result) {
        case CUDA_ERROR_ECC_UNCORRECTABLE:
        case CUDA_ERROR_ILLEGAL_ADDRESS:
        case CUDA_ERROR_LAUNCH_TIMEOUT:
        case CUDA_ERROR_HARDWARE_STACK_ERROR:
        case CUDA_ERROR_ILLEGAL_INSTRUCTION:
        case CUDA_ERROR_MISALIGNED_ADDRESS:
        case CUDA_ERROR_INVALID_ADDRESS_SPACE:
        case CUDA_ERROR_INVALID_PC:
        case CUDA_ERROR_LAUNCH_FAILED: return true;
        default: return false;
    }
}

CUresult checked(needs what, const std::function<CUresult()> &body) {
    driver &d = the_driver();
    if (what == needs::nothing) return body();
    if (!d.initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (what == needs::initialised) return body();
    if (this_thread.device < 0) return CUDA_ERROR_INVALID_CONTEXT;
    if (current_device().references == 0) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    const CUresult broken = current_device().broken;
    if (what == needs::context && broken != CUDA_SUCCESS) return broken;
    const CUresult result = body();
    return broken != CUDA_SUCCESS ? broken : result;
}

}  // namespace

driver &the_driver() {
    // Never destroyed: other threads may still run when the process ends.
    static driver *const instance = new driver;
    return *instance;
}

device &current_device() { return the_driver().devices[this_thread.device]; }

CUresult call(const char *function, needs what, const std::function<CUresult()> &body) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    const CUresult told = injected(function);
    if (told != CUDA_SUCCESS) return remember(this_thread.device, told);
    try {
        return checked(what, body);
    } catch (const std::bad_alloc &) {
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
}

void report(const std::string &message) {
    the_driver().last_fault = message;
    fprintf(stderr, "CUDA host shim: %s\n", message.c_str());
}

CUresult remember(int device, CUresult result) {
    if (device >= 0 && is_lasting(result)) the_driver().devices[device].broken = result;
    return result;
}

}  // namespace ingot_shim

using namespace ingot_shim;

extern "C" {

void ingot_shim_set(const char *name, const char *value) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    set_option(name, value);
}

void ingot_shim_fail(const char *function, int nth, int error) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    fail_later(function, nth, (CUresult)error);
}

int64_t ingot_shim_live_allocations(void) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    return live_count() + the_driver().leaked_allocations;
}

int64_t ingot_shim_live_handles(void) {
    driver &d = the_driver();
    const std::lock_guard<std::mutex> guard(d.lock);
    return (int64_t)(d.streams.size() + d.events.size() + d.libraries.size()) + math_handles() + d.leaked_handles;
}

int64_t ingot_shim_pageable_copies(void) {
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    return the_driver().pageable_copies;
}

const char *ingot_shim_last_fault(void) {
    static std::string *const last = new std::string;
    const std::lock_guard<std::mutex> guard(the_driver().lock);
    *last = the_driver().last_fault;
    return last->c_str();
}

void ingot_shim_reset(void) {
    driver &d = the_driver();
    const std::lock_guard<std::mutex> guard(d.lock);
    for (int i = 0; i < most_devices; i++) {
        forget_streams(i);
        release_all(i);
        d.devices[i] = {};
    }
    forget_libraries();
    forget_math();
    forget_settings();
    d.initialised = false;
    d.leaked_allocations = d.leaked_handles = d.pageable_copies = 0;
    d.last_fault.clear();
}
}
