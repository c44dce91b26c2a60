// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "check.h"

namespace {

void check(const char *isa, const char *what, const std::vector<int32_t> &keys, int64_t rank) {
    std::vector<int32_t> work = keys, sorted = keys;
    // A guard value behind the end must survive.
    work.push_back(-42);
    std::nth_element(sorted.begin(), sorted.begin() + (rank - 1), sorted.end(), std::greater<int32_t>());
    const int32_t expected = sorted[(size_t)rank - 1];
    const int64_t larger = std::count_if(keys.begin(), keys.end(), [=](int32_t key) { return key > expected; });
    ingot_kth_largest_args args = {work.data(), (int64_t)keys.size(), rank, -1, 0, -1};
    CHECK(ingot_kth_largest(&args) == INGOT_OK, "%s", isa);
    CHECK(args.key == expected && args.larger == larger,
          "%s %s: rank %" PRId64 " of %zu is %d (%" PRId64 " larger), expected %d (%" PRId64 ")", isa, what, rank,
          keys.size(), args.key, args.larger, expected, larger);
    CHECK(work.back() == -42, "%s %s wrote behind the end", isa, what);
}

}  // namespace

int main() {
    for_each_isa([](const char *isa) {
        generator random = {17};
        for (int64_t n : {1, 2, 7, 8, 9, 15, 16, 17, 33, 1000, 4097, 200000}) {
            const std::vector<std::pair<const char *, std::function<int32_t()>>> kinds = {
                {"any key", [&] { return (int32_t)(random.next() & 0x7fffffff); }},
                {"narrow range", [&] { return 0x3c000000 + (int32_t)random.below(5000); }},
                {"heavy ties", [&] { return 0x3c000000 + (int32_t)random.below(3) * 77777; }},
                {"all equal", [] { return 12345; }},
                {"mostly zero", [&] { return random.below(50) ? 0 : (int32_t)(random.next() & 0x7fffffff); }},
                {"ends of the range", [&] { return random.below(2) ? 0 : 0x7fffffff; }},
            };
            for (const auto &kind : kinds) {
                std::vector<int32_t> keys;
                for (int64_t i = 0; i < n; i++) keys.push_back(kind.second());
                for (int64_t rank : {(int64_t)1, n, n / 2 + 1, 1 + random.below(n)}) check(isa, kind.first, keys, rank);
            }
        }
    });
    return finish("kth_largest");
}
