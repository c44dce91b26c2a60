// SPDX-License-Identifier: Apache-2.0
//
// State of the emulated CUDA driver and what all its functions share. One lock over everything.
#ifndef INGOT_SHIM_DRIVER_H
#define INGOT_SHIM_DRIVER_H

#include <stdint.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "driver_api.h"

namespace ingot_shim {

constexpr int most_devices = 8;

// One recording of an event: reached when the stream has come to it.
struct record_point {
    CUstream stream;
    bool reached = false;
    std::chrono::steady_clock::time_point when = {};
};

// Work of a stream that has not been done yet. Returns what went wrong.
using operation = std::function<CUresult()>;

struct device {
    int references = 0;
    // What every call returns after a kernel has failed, until the context is given up.
    CUresult broken = CUDA_SUCCESS;
    // The stream null.
    CUstream legacy = nullptr;
};

// giving_back: a context, and what it does is done even after a kernel has failed.
enum class needs { nothing, initialised, context, giving_back };

struct driver {
    std::mutex lock;
    bool initialised = false;
    device devices[most_devices];
    std::set<CUstream> streams;
    std::set<CUevent> events;
    std::set<CUlibrary> libraries;
    std::set<CUkernel> kernels;
    // What was still there when its context ended.
    int64_t leaked_allocations = 0;
    int64_t leaked_handles = 0;
    int64_t pageable_copies = 0;
    std::string last_fault;
};

driver &the_driver();
// That of the calling thread's context.
device &current_device();

// Locks, checks what the function needs and whether it was told to fail, then runs body.
CUresult call(const char *function, needs what, const std::function<CUresult()> &body);

// Says once, on standard error and to ingot_shim_last_fault, why something failed.
void report(const std::string &message);
// The calls after this one fail too, if CUDA would have it so.
CUresult remember(int device, CUresult result);

// --- settings.cpp: environment variables, or what ingot_shim_set put over them
int device_count();
size_t memory_size();
int driver_version();
int compute_capability();
std::string thread_order();
void set_option(const std::string &name, const char *value);
void fail_later(const std::string &function, int nth, CUresult error);
void forget_settings();
// Error that the nth call of a function, or launch of a kernel, was told to return; counts the call.
CUresult injected(const char *function);

// --- driver_streams.cpp
CUresult enqueue(CUstream stream, operation work);
// Does all work of one stream, or of all of a device.
CUresult drain(CUstream stream);
CUresult drain_all(int device);
// The stream behind a handle of the current context, null for a bad one.
CUstream valid_stream(CUstream stream);
// Gives up a device's streams and events with all their work. Returns how many there were.
int64_t forget_streams(int device);

// --- driver_kernels.cpp
void forget_libraries();

}  // namespace ingot_shim

struct CUstream_st {
    int device;
    bool blocking;
    std::deque<ingot_shim::operation> work = {};
};

struct CUevent_st {
    int device;
    bool timed;
    std::shared_ptr<ingot_shim::record_point> last = nullptr;
};

#endif
