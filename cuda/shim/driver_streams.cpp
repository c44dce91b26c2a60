// SPDX-License-Identifier: Apache-2.0
//
// Streams and events. Work is done as late as CUDA allows: when somebody waits for it. So a program that forgets to wait
// sees old data every time, not now and then.
#include "driver.h"
#include "executor.h"
#include "memory.h"

using namespace ingot_shim;

namespace ingot_shim {

namespace {

CUresult run_next(CUstream stream) {
    device &d = the_driver().devices[stream->device];
    if (d.broken != CUDA_SUCCESS) {
        stream->work.clear();
        return d.broken;
    }
    const operation next = std::move(stream->work.front());
    stream->work.pop_front();
    return remember(stream->device, next());
}

// Does a stream's work until it has come to the point.
CUresult drain_to(const std::shared_ptr<record_point> &point) {
    while (!point->reached && the_driver().streams.count(point->stream) && !point->stream->work.empty()) {
        const CUresult result = run_next(point->stream);
        if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
}

CUstream legacy_stream(int device) {
    CUstream &legacy = the_driver().devices[device].legacy;
    if (!legacy) legacy = new CUstream_st{device, true};
    return legacy;
}

CUresult drain_blocking(int device) {
    for (const CUstream each : the_driver().streams) {
        if (each->device != device || !each->blocking) continue;
        const CUresult result = drain(each);
        if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
}

CUresult look_for_damage(int device) {
    const std::string damage = find_damage(device);
    if (damage.empty()) return the_driver().devices[device].broken;
    report(damage);
    return remember(device, CUDA_ERROR_ILLEGAL_ADDRESS);
}

bool is_event(CUevent event) { return the_driver().events.count(event) != 0; }

}  // namespace

CUresult enqueue(CUstream stream, operation work) {
    // The stream null waits for the blocking streams, and they for it.
    CUresult before = CUDA_SUCCESS;
    const CUstream legacy = the_driver().devices[stream->device].legacy;
    if (stream == legacy) {
        before = drain_blocking(stream->device);
    } else if (stream->blocking && legacy) {
        before = drain(legacy);
    }
    if (before == CUDA_SUCCESS) stream->work.push_back(std::move(work));
    return before;
}

CUresult drain(CUstream stream) {
    while (!stream->work.empty()) {
        const CUresult result = run_next(stream);
        if (result != CUDA_SUCCESS) return result;
    }
    return the_driver().devices[stream->device].broken;
}

CUresult drain_all(int device) {
    for (const CUstream each : the_driver().streams) {
        if (each->device != device) continue;
        const CUresult result = drain(each);
        if (result != CUDA_SUCCESS) return result;
    }
    const CUstream legacy = the_driver().devices[device].legacy;
    const CUresult result = legacy ? drain(legacy) : CUDA_SUCCESS;
    return result == CUDA_SUCCESS ? look_for_damage(device) : result;
}

CUstream valid_stream(CUstream stream) {
    if (!stream) return legacy_stream(this_thread.device);
    if (!the_driver().streams.count(stream) || stream->device != this_thread.device) return nullptr;
    return stream;
}

int64_t forget_streams(int device) {
    driver &d = the_driver();
    int64_t count = 0;
    for (auto each = d.streams.begin(); each != d.streams.end();) {
        const CUstream stream = *each;
        each = stream->device == device ? d.streams.erase(each) : std::next(each);
        if (stream->device == device) {
            delete stream;
            count++;
        }
    }
    for (auto each = d.events.begin(); each != d.events.end();) {
        const CUevent event = *each;
        each = event->device == device ? d.events.erase(each) : std::next(each);
        if (event->device == device) {
            delete event;
            count++;
        }
    }
    delete d.devices[device].legacy;
    d.devices[device].legacy = nullptr;
    return count;
}

}  // namespace ingot_shim

extern "C" {

CUresult cuStreamCreate(CUstream *stream, unsigned flags) {
    return call("cuStreamCreate", needs::context, [&] {
        if (flags > CU_STREAM_NON_BLOCKING) return CUDA_ERROR_INVALID_VALUE;
        *stream = new CUstream_st{this_thread.device, flags != CU_STREAM_NON_BLOCKING};
        the_driver().streams.insert(*stream);
        return CUDA_SUCCESS;
    });
}

CUresult cuStreamDestroy_v2(CUstream stream) {
    return call("cuStreamDestroy_v2", needs::giving_back, [&] {
        if (!the_driver().streams.count(stream)) return CUDA_ERROR_INVALID_HANDLE;
        // What was queued is still done; whether it went well is for others to find.
        drain(stream);
        the_driver().streams.erase(stream);
        delete stream;
        return CUDA_SUCCESS;
    });
}

CUresult cuStreamSynchronize(CUstream handle) {
    return call("cuStreamSynchronize", needs::context, [&] {
        const CUstream stream = valid_stream(handle);
        if (!stream) return CUDA_ERROR_INVALID_HANDLE;
        const CUresult result = drain(stream);
        return result == CUDA_SUCCESS ? look_for_damage(stream->device) : result;
    });
}

CUresult cuStreamWaitEvent(CUstream handle, CUevent event, unsigned flags) {
    return call("cuStreamWaitEvent", needs::context, [&] {
        const CUstream stream = valid_stream(handle);
        if (!stream || !is_event(event)) return CUDA_ERROR_INVALID_HANDLE;
        if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
        const std::shared_ptr<record_point> point = event->last;
        if (!point) return CUDA_SUCCESS;
        return enqueue(stream, [point] { return drain_to(point); });
    });
}

CUresult cuEventCreate(CUevent *event, unsigned flags) {
    return call("cuEventCreate", needs::context, [&] {
        if (flags > 3) return CUDA_ERROR_INVALID_VALUE;
        *event = new CUevent_st{this_thread.device, (flags & CU_EVENT_DISABLE_TIMING) == 0};
        the_driver().events.insert(*event);
        return CUDA_SUCCESS;
    });
}

CUresult cuEventDestroy_v2(CUevent event) {
    return call("cuEventDestroy_v2", needs::giving_back, [&] {
        if (!is_event(event)) return CUDA_ERROR_INVALID_HANDLE;
        the_driver().events.erase(event);
        delete event;
        return CUDA_SUCCESS;
    });
}

CUresult cuEventRecord(CUevent event, CUstream handle) {
    return call("cuEventRecord", needs::context, [&] {
        const CUstream stream = valid_stream(handle);
        if (!stream || !is_event(event) || event->device != stream->device) return CUDA_ERROR_INVALID_HANDLE;
        const auto point = std::make_shared<record_point>(record_point{stream});
        event->last = point;
        return enqueue(stream, [point] {
            point->when = std::chrono::steady_clock::now();
            point->reached = true;
            return CUDA_SUCCESS;
        });
    });
}

CUresult cuEventSynchronize(CUevent event) {
    return call("cuEventSynchronize", needs::context, [&] {
        if (!is_event(event)) return CUDA_ERROR_INVALID_HANDLE;
        const CUresult result = event->last ? drain_to(event->last) : CUDA_SUCCESS;
        return result == CUDA_SUCCESS ? look_for_damage(event->device) : result;
    });
}

CUresult cuEventElapsedTime_v2(float *milliseconds, CUevent start, CUevent end) {
    return call("cuEventElapsedTime_v2", needs::context, [&] {
        if (!is_event(start) || !is_event(end) || !start->timed || !end->timed || !start->last || !end->last) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        if (!start->last->reached || !end->last->reached) return CUDA_ERROR_NOT_READY;
        *milliseconds = std::chrono::duration<float, std::milli>(end->last->when - start->last->when).count();
        return CUDA_SUCCESS;
    });
}
}
