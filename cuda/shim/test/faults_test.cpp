// SPDX-License-Identifier: Apache-2.0
//
// Kernels that are wrong: each is found, said in words, and leaves the executor as it was.
#include "launching.h"

struct wrong {
    int64_t choice;
    int64_t count;
    fault kind;
    const char *says;
};

int main() {
    device_ints in(64), out(64);
    in.count_up();
    int host = 0;
    std::vector<wrong> all = {
        {0, 0, fault::deadlock, "has ended"},
        {1, 0, fault::deadlock, "waits in __syncthreads at"},
        {2, 0, fault::deadlock, "names lane 5, which has ended"},
        {3, 0, fault::deadlock, "for lane 5, which waits in __syncthreads"},
        {4, 0, fault::deadlock, "whose mask lacks it"},
        {5, 0, fault::deadlock, "reads lane 20, which is not in the mask"},
        {6, 0, fault::deadlock, "width 12"},
        {7, 0, fault::misaligned_address, "not a multiple of 16"},
        {8, 1, fault::undefined, "array index 64 out of bounds"},
        {9, 32, fault::undefined, "shift by 32"},
    };
#ifdef INGOT_SHIM_CHECKS_ACCESS
    all.push_back({10, 64, fault::illegal_address, "write of 4 bytes"});
    all.push_back({10, -1, fault::illegal_address, "write of 4 bytes"});
    all.push_back({11, 64, fault::illegal_address, "read of 4 bytes"});
    all.push_back({12, (int64_t)&host, fault::illegal_address, "write of 4 bytes"});
    all.push_back({12, 0, fault::illegal_address, "at 0x0"});
#endif
    for (const char *sequence : orders) {
        for (const wrong &each : all) {
            const run_result result =
                run_kernel("test_wrong", {in.data, out.data, each.count, each.choice}, {2, 1, 1}, {64, 1, 1}, sequence);
            CHECK(result.kind == each.kind, "case %" PRId64 ", %s: %d, %s", each.choice, sequence, (int)result.kind,
                  result.message.c_str());
            CHECK(result.message.find(each.says) != std::string::npos, "case %" PRId64 ", %s: %s", each.choice, sequence,
                  result.message.c_str());
            CHECK(result.message.find("test_wrong, block (") == 0, "%s", result.message.c_str());
            run_well("test_reverse", {in.data, out.data, 0, 0}, {1, 1, 1}, {64, 1, 1}, sequence);
            for (int t = 0; t < 64; t++) CHECK(out[t] == 63 - t, "after case %" PRId64 ": %d", each.choice, out[t]);
        }
    }
    CHECK(host == 0, "host memory was written");
    // A partial warp lacks the lanes that a full mask names.
    const run_result partial = run_kernel("test_wrong", {in.data, out.data, 0, 2}, {1, 1, 1}, {4, 1, 1});
    CHECK(partial.message.find("lane 4, which the warp lacks") != std::string::npos, "%s", partial.message.c_str());
    return finish("faults");
}
