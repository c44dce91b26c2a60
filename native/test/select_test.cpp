// SPDX-License-Identifier: Apache-2.0
//
// Scans, samples, histograms and tie positions against plain loops over the keys; the tensors have heavy ties.
#include "oracle.h"

namespace {

struct pair_of_tensors {
    tensor base, model;
    std::vector<int32_t> keys;
};

pair_of_tensors make_pair(generator &random, int32_t base_type, int32_t model_type, int64_t n, bool wild) {
    pair_of_tensors p = {make_tensor(random, base_type, n, 1, wild), make_tensor(random, model_type, n, 3, wild), {}};
    for (int64_t i = 0; i < n; i++) p.keys.push_back(key_of(p.model.get(i), p.base.get(i)));
    return p;
}

void check_scan(const char *isa, generator &random, pair_of_tensors &p, int64_t capacity) {
    const int64_t n = p.model.count;
    int32_t low = n ? p.keys[(size_t)random.below(n)] : 0, high = n ? p.keys[(size_t)random.below(n)] : 0;
    if (low > high) std::swap(low, high);
    if (random.below(8) == 0) low = -1;
    if (random.below(8) == 0) high = 0x7fffffff;
    if (random.below(8) == 0) high = low;
    std::vector<int32_t> expected;
    int64_t above = 0, at_high = 0, at_low = 0;
    for (int32_t key : p.keys) {
        above += key > high;
        at_high += key == high;
        at_low += key == low;
        if (key > low && key < high) expected.push_back(key);
    }
    std::vector<int32_t> candidates((size_t)capacity + 16, -7), reversed = candidates;
    ingot_select_term terms[2] = {{p.model.operand(), low, high, candidates.data(), capacity, 1, 2, 3, 4},
                                  {p.base.operand(), low, high, reversed.data(), capacity, 1, 2, 3, 4}};
    const ingot_select_scan_args args = {p.base.operand(), terms, n, 2, 0};
    CHECK(ingot_select_scan(&args) == INGOT_OK, "%s", isa);
    const ingot_select_term &t = terms[0];
    CHECK(t.above == above && t.at_high == at_high && t.at_low == at_low && t.inside == (int64_t)expected.size(),
          "%s n %" PRId64 ": %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, isa, n, t.above, t.at_high, t.at_low,
          t.inside);
    const size_t written = std::min(expected.size(), (size_t)capacity);
    CHECK(std::equal(expected.begin(), expected.begin() + (int64_t)written, candidates.begin()),
          "%s n %" PRId64 " candidates", isa, n);
    for (size_t i = 0; i < 16; i++) CHECK(candidates[(size_t)capacity + i] == -7, "%s wrote beyond the capacity", isa);
}

void check_others(const char *isa, generator &random, pair_of_tensors &p) {
    const int64_t n = p.model.count;
    std::vector<int64_t> positions;
    for (int64_t i = 0; i < n / 2; i++) positions.push_back(random.below(n));
    std::vector<int32_t> sampled(positions.size());
    const ingot_select_sample_args sample = {p.base.operand(), p.model.operand(), positions.data(), sampled.data(),
                                             (int64_t)positions.size()};
    CHECK(ingot_select_sample(&sample) == INGOT_OK, "%s", isa);
    for (size_t i = 0; i < positions.size(); i++) CHECK(sampled[i] == p.keys[(size_t)positions[i]], "%s sample", isa);

    std::vector<int64_t> bins(65536, 5), expected(65536, 5);
    for (int32_t key : p.keys) expected[(size_t)(key >> 15)]++;
    ingot_select_histogram_args histogram = {p.base.operand(), p.model.operand(), bins.data(), n, -1, 0};
    CHECK(ingot_select_histogram(&histogram) == INGOT_OK && bins == expected, "%s histogram n %" PRId64, isa, n);
    if (n == 0) return;
    const int32_t key = p.keys[(size_t)random.below(n)];
    std::fill(bins.begin(), bins.end(), 0);
    std::fill(expected.begin(), expected.end(), 0);
    for (int32_t other : p.keys) expected[(size_t)(other & 0x7fff)] += other >> 15 == key >> 15;
    histogram.prefix = key >> 15;
    CHECK(ingot_select_histogram(&histogram) == INGOT_OK && bins == expected, "%s second histogram n %" PRId64, isa, n);

    int64_t seen = 0, last = -1;
    const int64_t total = std::count(p.keys.begin(), p.keys.end(), key);
    const int64_t nth = 1 + random.below(total);
    for (int64_t i = 0; i < n && seen < nth; i++) {
        if (p.keys[(size_t)i] == key && ++seen == nth) last = i;
    }
    ingot_select_nth_args args = {p.base.operand(), p.model.operand(), n, nth, key, 0, 0};
    CHECK(ingot_select_nth_equal(&args) == INGOT_OK && args.position == last, "%s nth n %" PRId64, isa, n);
    args.nth = total + 1;
    CHECK(ingot_select_nth_equal(&args) == INGOT_OK && args.position == -1, "%s nth of too few, n %" PRId64, isa, n);
    CHECK(ingot_count_equal(p.keys.data(), n, key) == total, "%s count n %" PRId64, isa, n);
}

}  // namespace

int main() {
    for_each_isa([](const char *isa) {
        generator random = {13};
        for (int64_t n : sizes) {
            for (int32_t type : dtypes) {
                for (bool wild : {false, true}) {
                    pair_of_tensors p =
                        make_pair(random, type, random.below(3) ? type : dtypes[random.below(6)], n, wild);
                    for (int64_t capacity : {(int64_t)0, n / 7, n}) check_scan(isa, random, p, capacity);
                    check_others(isa, random, p);
                }
            }
        }
    });
    return finish("select");
}
