// SPDX-License-Identifier: Apache-2.0
//
// Order of work in and between streams, and that nothing is done before somebody waits.
#include "driving.h"

static void nothing_happens_before_somebody_waits() {
    session s;
    const CUdeviceptr a = s.device_ints(100);
    int32_t *host = s.host_ints(100), *back = s.host_ints(100);
    OK(cuMemcpyHtoDAsync_v2(a, host, 400, s.stream));
    OK(s.increment(a, a, 100, s.stream));
    OK(cuMemcpyDtoHAsync_v2(back, a, 400, s.stream));
    // Too early: the copy has not read it yet.
    host[5] = 1000;
    CHECK(back[0] == 0, "%d", back[0]);
    OK(cuStreamSynchronize(s.stream));
    CHECK(back[0] == 1 && back[5] == 1001 && back[99] == 100, "%d %d %d", back[0], back[5], back[99]);
}

static void streams_wait_only_for_events() {
    for (const bool wait : {false, true}) {
        session s;
        CUstream other;
        CUevent event;
        OK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
        OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
        const CUdeviceptr a = s.device_ints(1);
        int32_t *host = s.host_ints(1), *back = s.host_ints(1);
        OK(cuMemsetD8Async(a, 0, 4, s.stream));
        OK(cuStreamSynchronize(s.stream));
        host[0] = 41;
        OK(cuMemcpyHtoDAsync_v2(a, host, 4, other));
        OK(cuEventRecord(event, other));
        // After the event, so not waited for.
        OK(cuMemsetD8Async(a, 0xEE, 4, other));
        if (wait) OK(cuStreamWaitEvent(s.stream, event, 0));
        OK(s.increment(a, a, 1, s.stream));
        OK(cuMemcpyDtoHAsync_v2(back, a, 4, s.stream));
        OK(cuStreamSynchronize(s.stream));
        CHECK(back[0] == (wait ? 42 : 1), "%d", back[0]);
        OK(cuEventDestroy_v2(event));
        OK(cuStreamDestroy_v2(other));
        CHECK(*(int32_t *)a == (int32_t)0xEEEEEEEEu, "a destroyed stream's work is done");
    }
}

static void a_wait_is_for_the_last_record_before_it() {
    session s;
    CUstream other;
    CUevent event;
    OK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    OK(cuEventCreate(&event, 0));
    const CUdeviceptr a = s.device_ints(1);
    OK(cuStreamWaitEvent(s.stream, event, 0));
    OK(cuMemsetD8Async(a, 1, 4, other));
    OK(cuEventRecord(event, other));
    OK(cuStreamWaitEvent(s.stream, event, 0));
    OK(cuMemsetD8Async(a, 2, 4, other));
    OK(cuEventRecord(event, other));
    OK(cuStreamSynchronize(s.stream));
    CHECK(*(int32_t *)a == 0x01010101, "%x", *(unsigned *)a);
    OK(cuEventSynchronize(event));
    CHECK(*(int32_t *)a == 0x02020202, "%x", *(unsigned *)a);
}

static void the_null_stream_orders_blocking_ones() {
    session s;
    CUstream blocking;
    OK(cuStreamCreate(&blocking, 0));
    const CUdeviceptr a = s.device_ints(1);
    OK(cuMemsetD8Async(a, 0, 4, blocking));
    OK(s.increment(a, a, 1, nullptr));
    OK(s.increment(a, a, 1, blocking));
    OK(cuStreamSynchronize(blocking));
    CHECK(*(int32_t *)a == 2, "%d", *(int32_t *)a);
}

static void event_times() {
    session s;
    CUevent start, end, untimed;
    OK(cuEventCreate(&start, 0));
    OK(cuEventCreate(&end, 0));
    OK(cuEventCreate(&untimed, CU_EVENT_DISABLE_TIMING));
    float time = -1;
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime_v2(&time, start, end));
    const CUdeviceptr a = s.device_ints(100000);
    OK(cuEventRecord(start, s.stream));
    OK(s.increment(a, a, 100000, s.stream));
    OK(cuEventRecord(end, s.stream));
    OK(cuEventRecord(untimed, s.stream));
    EXPECT(CUDA_ERROR_NOT_READY, cuEventElapsedTime_v2(&time, start, end));
    OK(cuEventSynchronize(end));
    OK(cuEventElapsedTime_v2(&time, start, end));
    CHECK(time > 0 && time < 10000, "%g ms", time);
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime_v2(&time, start, untimed));
}

static void handles() {
    session s;
    CUstream stream;
    CUevent event;
    OK(cuStreamCreate(&stream, 0));
    OK(cuEventCreate(&event, 0));
    OK(cuStreamDestroy_v2(stream));
    OK(cuEventDestroy_v2(event));
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuStreamSynchronize(stream));
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuStreamDestroy_v2(stream));
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuEventDestroy_v2(event));
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuEventRecord(event, s.stream));
    EXPECT(CUDA_ERROR_INVALID_HANDLE, cuStreamWaitEvent(s.stream, event, 0));
}

int main() {
    nothing_happens_before_somebody_waits();
    streams_wait_only_for_events();
    a_wait_is_for_the_last_record_before_it();
    the_null_stream_orders_blocking_ones();
    event_times();
    handles();
    return finish("streams");
}
