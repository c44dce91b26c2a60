// SPDX-License-Identifier: Apache-2.0
#include "warp.h"

#include <string.h>

namespace ingot_shim {

namespace {

bool same_call(const device_thread &a, const device_thread &b) {
    return b.status == thread_status::waiting && a.kind == b.kind && a.mask == b.mask && a.site.line == b.site.line &&
           (a.site.file == b.site.file || strcmp(a.site.file, b.site.file) == 0);
}

void let_go(device_thread &thread, uint64_t result) {
    thread.result = result;
    thread.kind = collective::none;
    thread.status = thread_status::ready;
}

// The lane whose value a shuffle gives to this one, as the PTX manual defines shfl.
int source_of(const device_thread &thread, int lane) {
    const int first = lane & ~(thread.width - 1);
    const int last = lane | (thread.width - 1);
    int source = lane;
    switch (thread.kind) {
        case collective::shuffle: return first | (thread.argument & (thread.width - 1));
        case collective::shuffle_up: source = lane - thread.argument; break;
        case collective::shuffle_down: source = lane + thread.argument; break;
        default: source = lane ^ thread.argument; break;
    }
    // Only the exchange by xor may reach an earlier segment.
    const bool inside = source <= last && source >= (thread.kind == collective::shuffle_xor ? 0 : first);
    return inside ? source : lane;
}

bool is_shuffle(collective kind) { return kind >= collective::shuffle; }

std::string check_shuffle(const device_thread &thread, int lane) {
    if (thread.width < 1 || thread.width > warp_size || (thread.width & (thread.width - 1)) != 0) {
        return "lane " + std::to_string(lane) + ": width " + std::to_string(thread.width) + " in " + describe(thread);
    }
    const int source = source_of(thread, lane);
    if (!(thread.mask >> source & 1)) {
        return "lane " + std::to_string(lane) + " reads lane " + std::to_string(source) + ", which is not in the mask of " +
               describe(thread);
    }
    return "";
}

unsigned lanes_with(const device_thread *lanes, unsigned mask, uint64_t value) {
    unsigned result = 0;
    for (int i = 0; i < warp_size; i++) {
        if ((mask >> i & 1) && lanes[i].value == value) result |= 1u << i;
    }
    return result;
}

uint64_t result_of(const device_thread *lanes, int lane, unsigned votes) {
    const device_thread &thread = lanes[lane];
    switch (thread.kind) {
        case collective::warp_barrier: return 0;
        case collective::ballot: return votes;
        case collective::all: return votes == thread.mask;
        case collective::any: return votes != 0;
        case collective::match_any: return lanes_with(lanes, thread.mask, thread.value);
        default: return lanes[source_of(thread, lane)].value;
    }
}

// Whether all lanes of the mask have made the same call; error if they never will.
bool complete(const device_thread *lanes, int lane_count, int lane, std::string &error) {
    const device_thread &thread = lanes[lane];
    const auto who = [&] { return "lane " + std::to_string(lane) + " waits in " + describe(thread); };
    if (!(thread.mask >> lane & 1)) {
        error = who() + ", whose mask lacks it";
        return false;
    }
    for (int i = 0; i < warp_size; i++) {
        if (!(thread.mask >> i & 1)) continue;
        if (i >= lane_count || lanes[i].status == thread_status::ended) {
            error = who() + ", whose mask names lane " + std::to_string(i) +
                    (i < lane_count ? ", which has ended" : ", which the warp lacks");
            return false;
        }
        if (!same_call(thread, lanes[i])) return false;
    }
    return true;
}

}  // namespace

const char *name_of(collective kind) {
    static const char *const names[] = {"nothing",        "__syncthreads",   "__syncthreads_count", "__syncthreads_and",
                                        "__syncthreads_or", "__syncwarp",    "__ballot_sync",       "__all_sync",
                                        "__any_sync",     "__match_any_sync", "__shfl_sync",         "__shfl_up_sync",
                                        "__shfl_down_sync", "__shfl_xor_sync"};
    return names[(int)kind];
}

bool is_block_wide(collective kind) { return kind >= collective::block_barrier && kind <= collective::block_or; }

std::string describe(const device_thread &thread) {
    return std::string(name_of(thread.kind)) + " at " + thread.site.file + ":" + std::to_string(thread.site.line);
}

int release_warp(device_thread *lanes, int lane_count, std::string &error) {
    int released = 0;
    for (int lane = 0; lane < lane_count; lane++) {
        const device_thread &thread = lanes[lane];
        if (thread.status != thread_status::waiting || is_block_wide(thread.kind)) continue;
        if (!complete(lanes, lane_count, lane, error)) {
            if (!error.empty()) return 0;
            continue;
        }
        const unsigned mask = thread.mask;
        uint64_t results[warp_size];
        const unsigned votes = lanes_with(lanes, mask, 1);
        for (int i = 0; i < lane_count; i++) {
            if (!(mask >> i & 1)) continue;
            if (is_shuffle(lanes[i].kind)) error = check_shuffle(lanes[i], i);
            if (!error.empty()) return 0;
            results[i] = result_of(lanes, i, votes);
        }
        for (int i = 0; i < lane_count; i++) {
            if (mask >> i & 1) let_go(lanes[i], results[i]);
        }
        released += __builtin_popcount(mask);
    }
    return released;
}

std::string find_stuck(const device_thread *lanes, int lane_count) {
    for (int lane = 0; lane < lane_count; lane++) {
        const device_thread &thread = lanes[lane];
        if (thread.status != thread_status::waiting || is_block_wide(thread.kind)) continue;
        for (int i = 0; i < lane_count; i++) {
            if (!(thread.mask >> i & 1) || same_call(thread, lanes[i])) continue;
            return "lane " + std::to_string(lane) + " waits in " + describe(thread) + " for lane " + std::to_string(i) +
                   ", which waits in " + describe(lanes[i]);
        }
    }
    return "";
}

std::string release_block(device_thread *threads, int count) {
    const device_thread *first = nullptr;
    int ended = -1;
    uint64_t votes = 0;
    for (int i = 0; i < count; i++) {
        if (threads[i].status == thread_status::ended) {
            ended = i;
            continue;
        }
        if (!first) first = &threads[i];
        if (!same_call(*first, threads[i])) {
            return "thread " + std::to_string(first - threads) + " waits in " + describe(*first) + ", but thread " +
                   std::to_string(i) + " in " + describe(threads[i]);
        }
        votes += threads[i].value;
    }
    if (ended >= 0) {
        return "thread " + std::to_string(first - threads) + " waits in " + describe(*first) + ", but thread " +
               std::to_string(ended) + " has ended";
    }
    const collective kind = first->kind;
    for (int i = 0; i < count; i++) {
        uint64_t result = votes;
        if (kind == collective::block_and) result = votes == (uint64_t)count;
        if (kind == collective::block_or) result = votes != 0;
        let_go(threads[i], result);
    }
    return "";
}

}  // namespace ingot_shim
