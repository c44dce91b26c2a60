// SPDX-License-Identifier: Apache-2.0
#include "executor.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

#include <numeric>
#include <vector>

#include "fibers.h"
#include "memory.h"
#include "warp.h"

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace ingot_shim {

thread_local thread_state this_thread;
region reached[reached_count];

namespace {

constexpr int most_threads = 1024;
constexpr int garbage = 0xA5;

// The numbers 0 to count - 1 in the chosen order: i -> (factor i + offset) mod count, factor prime to count.
struct permutation {
    uint64_t count, factor, offset;
    uint64_t at(uint64_t i) const { return (uint64_t)(((unsigned __int128)factor * i + offset) % count); }
};

// All of one run; there is one at a time.
struct state {
    launch current;
    run_result result;
    fiber_pool *fibers = nullptr;
    std::vector<int> idle;
    std::vector<device_thread> threads = std::vector<device_thread>(most_threads);
    int thread_count = 0;
    int running = 0;
    // Threads of one warp that are to run, in this order.
    int queue[warp_size];
    int queue_length = 0;
    int queue_next = 0;
    // Some thread waited: shared memory may have been written.
    bool shared_used = true;
    uint64_t round = 0;
    region image;
    region shared;
};
// Never destroyed: other threads may still run when the process ends.
state &run_state = *new state;

uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

permutation ordered(uint64_t count) {
    const launch &launch = run_state.current;
    if (launch.sequence == order::forward || count < 2) return {count, 1, 0};
    if (launch.sequence == order::reverse) return {count, count - 1, count - 1};
    const uint64_t random = mix(launch.seed + 0x9E3779B97F4A7C15u * ++run_state.round);
    uint64_t factor = random % count;
    while (std::gcd(factor, count) != 1) factor = (factor + 1) % count;
    return {count, factor, mix(random) % count};
}

std::string text(unsigned x, unsigned y, unsigned z) {
    return "(" + std::to_string(x) + ", " + std::to_string(y) + ", " + std::to_string(z) + ")";
}

void record(fault kind, const std::string &who, const std::string &what) {
    run_state.result.kind = kind;
    run_state.result.message = std::string(run_state.current.kernel->name) + ", block " +
                               text(blockIdx.x, blockIdx.y, blockIdx.z) + who + ": " + what;
}

uint3 place_of(unsigned thread) {
    const unsigned x = blockDim.x, y = blockDim.y;
    return {thread % x, thread / x % y, thread / (x * y)};
}

void become(int thread) {
    run_state.running = thread;
    threadIdx = run_state.threads[(size_t)thread].place;
}

// What each fiber does: run threads that have not started; one that waits keeps its fiber.
void work(int fiber) {
    state &s = run_state;
    for (;;) {
        s.threads[(size_t)s.running].fiber = fiber;
        s.current.kernel->run(s.current.args);
        s.threads[(size_t)s.running].status = thread_status::ended;
        if (s.queue_next < s.queue_length &&
            s.threads[(size_t)s.queue[s.queue_next]].status == thread_status::not_started) {
            become(s.queue[s.queue_next++]);
            continue;
        }
        s.idle.push_back(fiber);
        s.fibers->leave();
    }
}

int find_image(dl_phdr_info *info, size_t, void *) {
    uintptr_t low = UINTPTR_MAX, high = 0;
    region shared;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const auto &header = info->dlpi_phdr[i];
        if (header.p_type == PT_TLS) shared = {(uintptr_t)info->dlpi_tls_data, header.p_memsz};
        if (header.p_type != PT_LOAD) continue;
        const uintptr_t start = info->dlpi_addr + header.p_vaddr;
        low = start < low ? start : low;
        high = start + header.p_memsz > high ? start + header.p_memsz : high;
    }
    const uintptr_t here = (uintptr_t)&threadIdx;
    if (here < low || here >= high) return 0;
    run_state.image = {low, high - low};
    run_state.shared = shared;
    return 1;
}

void spoil_shared() {
    const thread_state saved = this_thread;
    memset((void *)run_state.shared.start, garbage, run_state.shared.size);
    this_thread = saved;
    run_state.shared_used = false;
}

// Runs a warp until all its threads have ended or wait for the block.
void run_warp(int first, int lanes) {
    state &s = run_state;
    device_thread *warp = &s.threads[(size_t)first];
    for (;;) {
        s.queue_length = s.queue_next = 0;
        const permutation lane_order = ordered((uint64_t)lanes);
        for (int i = 0; i < lanes; i++) {
            const int lane = (int)lane_order.at((uint64_t)i);
            const thread_status status = warp[lane].status;
            if (status == thread_status::not_started || status == thread_status::ready) {
                s.queue[s.queue_length++] = first + lane;
            }
        }
        if (s.queue_length == 0) return;
        while (s.queue_next < s.queue_length) {
            device_thread &next = s.threads[(size_t)s.queue[s.queue_next]];
            become(s.queue[s.queue_next++]);
            int fiber = next.fiber;
            if (next.status == thread_status::not_started) {
                fiber = s.idle.back();
                s.idle.pop_back();
            }
            s.fibers->enter(fiber);
            if (s.result.kind != fault::none) return;
        }
        std::string error;
        if (release_warp(warp, lanes, error) == 0 && error.empty()) error = find_stuck(warp, lanes);
        if (!error.empty()) return record(fault::deadlock, ", warp " + std::to_string(first / warp_size), error);
    }
}

void run_block() {
    state &s = run_state;
    if (s.shared_used) spoil_shared();
    for (int i = 0; i < s.thread_count; i++) s.threads[(size_t)i].status = thread_status::not_started;
    const int warps = (s.thread_count + warp_size - 1) / warp_size;
    for (;;) {
        const permutation warp_order = ordered((uint64_t)warps);
        for (int i = 0; i < warps && s.result.kind == fault::none; i++) {
            const int first = (int)warp_order.at((uint64_t)i) * warp_size;
            run_warp(first, s.thread_count - first < warp_size ? s.thread_count - first : warp_size);
        }
        if (s.result.kind != fault::none) return;
        bool all_ended = true;
        for (int i = 0; i < s.thread_count; i++) all_ended &= s.threads[(size_t)i].status == thread_status::ended;
        if (all_ended) return;
        const std::string error = release_block(s.threads.data(), s.thread_count);
        if (!error.empty()) return record(fault::deadlock, "", error);
    }
}

void reset_fibers() {
    state &s = run_state;
    if (!s.fibers) s.fibers = new fiber_pool(most_threads, work);
    s.fibers->restart();
    s.idle.clear();
    for (int i = most_threads; i-- > 0;) s.idle.push_back(i);
}

}  // namespace

bool parse_order(const char *text, launch &target) {
    if (strcmp(text, "forward") == 0) {
        target.sequence = order::forward;
    } else if (strcmp(text, "reverse") == 0) {
        target.sequence = order::reverse;
    } else if (strncmp(text, "shuffle:", 8) == 0) {
        target.sequence = order::shuffle;
        target.seed = strtoull(text + 8, nullptr, 10);
    } else {
        return false;
    }
    return true;
}

run_result run(const launch &launch) {
    state &s = run_state;
    if (!s.fibers) reset_fibers();
    s.current = launch;
    s.result = {};
    s.round = 0;
    s.shared_used = true;
    s.thread_count = (int)(launch.block.x * launch.block.y * launch.block.z);
    blockDim = launch.block;
    gridDim = launch.grid;
    // Named first, so that this thread has the memory that is looked for.
    this_thread = thread_state(this_thread);
    dl_iterate_phdr(find_image, nullptr);
    for (region &each : reached) each = {};
    for (int i = 0; i < s.thread_count; i++) s.threads[(size_t)i].place = place_of((unsigned)i);
    const uint64_t rows = (uint64_t)launch.grid.x * launch.grid.y;
    const permutation block_order = ordered(rows * launch.grid.z);
    for (uint64_t i = 0; i < block_order.count && s.result.kind == fault::none; i++) {
        const uint64_t block = block_order.at(i);
        blockIdx = {(unsigned)(block % launch.grid.x), (unsigned)(block / launch.grid.x % launch.grid.y),
                    (unsigned)(block / rows)};
        run_block();
    }
    if (s.result.kind != fault::none) reset_fibers();
    return s.result;
}

void fail(fault kind, const std::string &what) {
    record(kind, ", thread " + text(threadIdx.x, threadIdx.y, threadIdx.z), what);
    run_state.fibers->leave();
    abort();
}

bool reach(uintptr_t address, size_t size) {
    const state &s = run_state;
    const region places[] = {s.shared, s.fibers->stacks(), find(space::device, s.current.device, address), s.image,
                             {(uintptr_t)s.current.args, s.current.kernel->args_size}};
    for (const region &each : places) {
        if (!each.has(address, size)) continue;
        reached_at(address) = each;
        return true;
    }
    return false;
}

uint64_t wait_for(collective kind, call_site site, unsigned mask, uint64_t value, int argument, int width) {
    state &s = run_state;
    device_thread &thread = s.threads[(size_t)s.running];
    const int index = s.running;
    thread.kind = kind;
    thread.site = site;
    thread.mask = mask;
    thread.value = value;
    thread.argument = argument;
    thread.width = width;
    thread.status = thread_status::waiting;
    s.shared_used = true;
    s.fibers->leave();
    return s.threads[(size_t)index].result;
}

}  // namespace ingot_shim
