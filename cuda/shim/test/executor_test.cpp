// SPDX-License-Identifier: Apache-2.0
//
// Grids, blocks, shared memory, block barriers, atomics and orders.
#include <algorithm>

#include "launching.h"

static void every_thread_runs_once_and_knows_its_place() {
    const dim3 grids[] = {{1, 1, 1}, {7, 1, 1}, {3, 2, 5}};
    const dim3 blocks[] = {{1, 1, 1}, {32, 1, 1}, {33, 1, 1}, {5, 7, 3}, {1024, 1, 1}};
    for (const char *sequence : orders) {
        for (const dim3 &grid : grids) {
            for (const dim3 &block : blocks) {
                device_ints out(grid.x * grid.y * grid.z * block.x * block.y * block.z);
                run_well("test_numbers", {nullptr, out.data, 0, 0}, grid, block, sequence);
                for (int64_t i = 0; i < out.count; i++) CHECK(out[i] == i, "%s %" PRId64, sequence, i);
            }
        }
    }
}

static void vectors_are_moved_whole() {
    device_ints in(1000), out(1000);
    in.count_up();
    run_well("test_vectors", {in.data, out.data, 1000, 0}, {1, 1, 1}, {256, 1, 1});
    for (int64_t i = 0; i < 1000; i++) CHECK(out[i] == (i % 4 == 3 ? -i : i), "%" PRId64, i);
}

static void barriers_order_shared_memory() {
    for (const char *sequence : orders) {
        for (const unsigned threads : {1u, 31u, 64u, 100u, 1024u}) {
            device_ints in(3 * threads), out(3 * threads);
            in.count_up();
            run_well("test_reverse", {in.data, out.data, 0, 0}, {3, 1, 1}, {threads, 1, 1}, sequence);
            for (int64_t i = 0; i < in.count; i++) {
                const int64_t block = i / threads * threads;
                CHECK(out[i] == block + threads - 1 - i % threads, "%s %u %" PRId64, sequence, threads, i);
            }
        }
    }
}

static void blocks_vote() {
    device_ints out(100);
    for (int64_t limit : {99, 100}) {
        for (int64_t chosen : {99, 100}) {
            run_well("test_block_votes", {nullptr, out.data, limit, chosen}, {1, 1, 1}, {100, 1, 1});
            for (int64_t i = 0; i < 100; i++) {
                CHECK(out[i] == 34 * 4 + (limit == 100 ? 2 : 0) + (chosen == 99 ? 1 : 0), "%d", out[i]);
            }
        }
    }
}

static void atomics_lose_nothing() {
    for (const char *sequence : orders) {
        device_ints out(8);
        out.fill(0);
        out[2] = 1 << 30;
        run_well("test_atomics", {nullptr, out.data, 0, 0}, {10, 1, 1}, {256, 1, 1}, sequence);
        CHECK(out[0] == 2560 * 2559 / 2 && out[1] == 2559 && out[2] == 0 && out[3] == -1, "%s", sequence);
        CHECK(out[4] == 0 && out[5] == 2560, "%s: 64 bits %d", sequence, out[5]);
        CHECK(out[6] == out[7] + 1, "%s: the first one swapped %d, exchanged %d", sequence, out[6], out[7]);
    }
}

static std::vector<int32_t> tickets(const char *sequence) {
    device_ints out(1025);
    out[1024] = 0;
    run_well("test_ticket", {nullptr, out.data, 1024, 0}, {4, 1, 1}, {256, 1, 1}, sequence);
    return std::vector<int32_t>(out.data, out.data + 1024);
}

static void orders_are_what_they_say() {
    const std::vector<int32_t> forward = tickets("forward"), reverse = tickets("reverse");
    for (int i = 0; i < 1024; i++) {
        CHECK(forward[(size_t)i] == i, "%d drew %d", i, forward[(size_t)i]);
        CHECK(reverse[(size_t)i] == 1023 - i, "%d drew %d in reverse", i, reverse[(size_t)i]);
    }
    CHECK(tickets("shuffle:1") == tickets("shuffle:1"), "a seed repeats");
    CHECK(tickets("shuffle:1") != tickets("shuffle:2"), "seeds differ");
    CHECK(tickets("shuffle:1") != forward, "shuffled");
    std::vector<int32_t> sorted = tickets("shuffle:7");
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == forward, "every thread once");
    launch unused;
    for (const char *bad : {"", "backward", "shuffle", "shuffle 1"}) CHECK(!parse_order(bad, unused), "%s", bad);
}

static void shared_memory_starts_as_garbage() {
    device_ints out(96);
    run_well("test_unwritten_shared", {nullptr, out.data, 0, 0}, {3, 1, 1}, {32, 1, 1});
    for (int64_t i = 0; i < 96; i++) CHECK((uint32_t)out[i] == 0xA5A5A5A5u, "%" PRId64 ": %x", i, (unsigned)out[i]);
}

static void millions_of_threads() {
    const int64_t count = 4 << 20;
    device_ints in(count), out(count);
    in.count_up();
    run_well("test_increment", {in.data, out.data, count, 0}, {(unsigned)(count / 256), 1, 1}, {256, 1, 1});
    for (int64_t i = 0; i < count; i++) CHECK(out[i] == i + 1, "%" PRId64, i);
}

int main() {
    every_thread_runs_once_and_knows_its_place();
    vectors_are_moved_whole();
    barriers_order_shared_memory();
    blocks_vote();
    atomics_lose_nothing();
    orders_are_what_they_say();
    shared_memory_starts_as_garbage();
    millions_of_threads();
    return finish("executor");
}
