// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <deque>
#include <map>

namespace ingot_shim {

namespace {

// An odd multiple of 256, after a page boundary: nobody can rely on more alignment than CUDA promises.
constexpr size_t guard_size = 4096 + 256;
// How much of a guard zone is looked at: what is nearest.
constexpr size_t guard_checked = 256;
constexpr int guard_byte = 0xFD;
// As float32, bf16 and f16 an implausible number; as a pointer nowhere.
constexpr int fresh_byte = 0xCB;
constexpr int freed_byte = 0xDD;
constexpr size_t quarantine_limit = (size_t)64 << 20;

struct allocation {
    char *raw;
    size_t size;
    space where;
    int device;
};

struct quarantined {
    char *raw;
    size_t size;
};

struct book {
    std::map<uintptr_t, allocation> live;
    std::deque<quarantined> freed;
    size_t freed_bytes = 0;
};

book &memory() {
    // Never destroyed: other threads may still run when the process ends.
    static book *const instance = new book;
    return *instance;
}

bool is_whole(const char *start) {
    for (size_t i = 0; i < guard_checked; i++) {
        if ((unsigned char)start[i] != guard_byte) return false;
    }
    return true;
}

bool is_whole(uintptr_t address, const allocation &which) {
    return is_whole((const char *)address - guard_checked) && is_whole((const char *)address + which.size);
}

void forget(std::map<uintptr_t, allocation>::iterator which) {
    book &m = memory();
    memset((void *)which->first, freed_byte, which->second.size);
    m.freed.push_back({which->second.raw, which->second.size});
    m.freed_bytes += which->second.size;
    while (m.freed_bytes > quarantine_limit) {
        m.freed_bytes -= m.freed.front().size;
        free(m.freed.front().raw);
        m.freed.pop_front();
    }
    m.live.erase(which);
}

}  // namespace

uintptr_t allocate(space where, int device, size_t size) {
    const size_t total = (guard_size + size + guard_size + 4095) / 4096 * 4096;
    if (total < size) return 0;
    char *raw = (char *)aligned_alloc(4096, total);
    if (!raw) return 0;
    char *start = raw + guard_size;
    memset(raw, guard_byte, guard_size);
    memset(start, fresh_byte, size);
    memset(start + size, guard_byte, total - guard_size - size);
    memory().live[(uintptr_t)start] = {raw, size, where, device};
    return (uintptr_t)start;
}

free_result release(space where, int device, uintptr_t address) {
    const auto found = memory().live.find(address);
    if (found == memory().live.end() || found->second.where != where ||
        (where == space::device && found->second.device != device)) {
        return free_result::unknown;
    }
    const bool whole = is_whole(address, found->second);
    forget(found);
    return whole ? free_result::done : free_result::damaged;
}

region find(space where, int device, uintptr_t address) {
    const auto after = memory().live.upper_bound(address);
    if (after == memory().live.begin()) return {};
    const auto &entry = *std::prev(after);
    const allocation &each = entry.second;
    const bool wanted = each.where == where && (device < 0 || each.device == device);
    const region found = {entry.first, each.size};
    return wanted && found.has(address, 1) ? found : region{};
}

bool contains(space where, int device, uintptr_t address, size_t size) {
    return find(where, device, address).has(address, size);
}

std::string find_damage(int device) {
    for (const auto &entry : memory().live) {
        if (entry.second.device != device || is_whole(entry.first, entry.second)) continue;
        char text[120];
        snprintf(text, sizeof text, "memory was written around the %zu bytes at 0x%zx", entry.second.size,
                 (size_t)entry.first);
        return text;
    }
    return "";
}

size_t used_bytes(int device) {
    size_t sum = 0;
    for (const auto &entry : memory().live) {
        if (entry.second.where == space::device && entry.second.device == device) sum += entry.second.size;
    }
    return sum;
}

int64_t live_count() { return (int64_t)memory().live.size(); }

int64_t release_all(int device) {
    int64_t count = 0;
    for (auto each = memory().live.begin(); each != memory().live.end();) {
        const auto next = std::next(each);
        if (each->second.device == device) {
            forget(each);
            count++;
        }
        each = next;
    }
    return count;
}

}  // namespace ingot_shim
