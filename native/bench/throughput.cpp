// SPDX-License-Identifier: Apache-2.0
//
// Throughput of every kernel and instruction set beside memcpy in the same run, on one thread: bytes read plus bytes
// written per second. As in a merge, tensors are worked on in tiles, inputs come from memory and the output goes to one
// tile buffer; memcpy copies tensor to tensor. Each tile is timed, rounds alternate over all candidates, and the time
// that a fifth of the tiles stayed below counts: on a loaded machine a mean would measure the neighbours. Usage:
// ingot_bench [elements per tensor] [rounds] [name filter]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ingot/ingot.h"

namespace {

constexpr int kModels = 8;
constexpr int64_t kTile = 1 << 17;

uint64_t random_state = 0x9E3779B97F4A7C15u;

uint32_t next_random() {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 32);
}

// Weights around 0.02 with fine-tuning deltas a hundred times smaller: the magnitudes of a real family.
struct family {
    std::vector<char> base;
    std::vector<std::vector<char>> models;
    std::vector<char> output, copy;
    int32_t dtype;
    int64_t count;

    int64_t bytes() const { return dtype == INGOT_F32 ? 4 : 2; }
    ingot_operand operand(std::vector<char> &memory, int64_t start) const {
        return {memory.data() + start * bytes(), dtype, 0};
    }
    ingot_operand model(int m, int64_t start) { return operand(models[(size_t)m], start); }
};

float small_normal(float scale) {
    float sum = 0;
    for (int i = 0; i < 4; i++) sum += (float)(int32_t)next_random() * (1.0f / 2147483648.0f);
    return sum * scale;
}

family make_family(int32_t dtype, int64_t count, int models) {
    const size_t bytes = (size_t)count * (dtype == INGOT_F32 ? 4 : 2);
    family f = {std::vector<char>(bytes), {}, std::vector<char>(kTile * 4), std::vector<char>(bytes), dtype, count};
    // A pattern that repeats is enough, as caches do not see values.
    constexpr int64_t period = 1 << 18;
    std::vector<float> base(period), x(period);
    for (auto &v : base) v = small_normal(0.02f);
    auto fill = [&](std::vector<char> &memory, std::vector<float> &values) {
        for (int64_t start = 0; start < count; start += period) {
            const int64_t n = count - start < period ? count - start : period;
            char *out = memory.data() + start * (dtype == INGOT_F32 ? 4 : 2);
            ingot_convert_args args = {{values.data(), INGOT_F32, 0}, {out, dtype, 0}, n};
            ingot_convert(&args);
        }
    };
    fill(f.base, base);
    for (int m = 0; m < models; m++) {
        for (int64_t i = 0; i < period; i++) x[(size_t)i] = base[(size_t)i] + small_normal(0.0004f);
        f.models.emplace_back(bytes);
        fill(f.models.back(), x);
    }
    return f;
}

// bytes: read and written per element.
struct candidate {
    std::string name;
    int isa;
    int64_t elements;
    double bytes;
    std::function<void(int64_t start)> tile;
    std::vector<double> times = {};

    void run() {
        for (int64_t start = 0; start + kTile <= elements; start += kTile) {
            const auto begin = std::chrono::steady_clock::now();
            tile(start);
            times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        }
    }

    double rate() {
        std::sort(times.begin(), times.end());
        return bytes * kTile / times[times.size() / 5] / 1e9;
    }
};

// Key at about this quantile of the first model's deltas, from the top.
int32_t key_at(family &f, double quantile) {
    constexpr int64_t n = 1 << 16;
    std::vector<int64_t> positions(n);
    std::vector<int32_t> keys(n);
    for (int64_t i = 0; i < n; i++) positions[(size_t)i] = i * (f.count / n);
    ingot_select_sample_args sample = {f.operand(f.base, 0), f.model(0, 0), positions.data(), keys.data(), n};
    ingot_select_sample(&sample);
    ingot_kth_largest_args kth = {keys.data(), n, (int64_t)(quantile * n), 0, 0, 0};
    ingot_kth_largest(&kth);
    return kth.key;
}

struct merge_case {
    const char *label;
    int mask, models, consensus;
};

void merge_tile(family &f, const merge_case &c, int32_t threshold, int64_t start) {
    ingot_delta_term terms[kModels];
    for (int m = 0; m < c.models; m++) {
        const ingot_mask_spec mask = {c.mask, threshold, f.count / 2, (uint64_t)m + 1, 0x80000000u, 0};
        terms[m] = {f.model(m, start), mask, 0.5f, c.mask == INGOT_MASK_RANDOM ? 2.0f : 1.0f};
    }
    const ingot_delta_merge_args args = {f.operand(f.base, start),
                                         f.operand(f.output, 0),
                                         terms,
                                         start,
                                         kTile,
                                         c.models,
                                         c.consensus,
                                         c.consensus,
                                         1.0f,
                                         1.0f,
                                         0};
    ingot_delta_merge(&args);
}

void scan_tile(family &f, int32_t low, int32_t high, std::vector<int32_t> &keys, int64_t start) {
    ingot_select_term terms[3];
    for (int m = 0; m < 3; m++) terms[m] = {f.model(m, start), low, high, keys.data() + m * kTile, kTile, 0, 0, 0, 0};
    const ingot_select_scan_args args = {f.operand(f.base, start), terms, kTile, 3, 0};
    ingot_select_scan(&args);
}

void sums_tile(family &f, int32_t threshold, double *sums, int64_t start) {
    ingot_delta_term terms[3];
    for (int m = 0; m < 3; m++)
        terms[m] = {f.model(m, start), {INGOT_MASK_MAGNITUDE, threshold, 0, 0, 0, 0}, 1.0f, 1.0f};
    const ingot_delta_sums_args args = {f.operand(f.base, start), terms, sums, start, kTile, 3, 0};
    ingot_delta_sums(&args);
}

void gram_tile(family &f, double *sums, int64_t start) {
    ingot_operand inputs[3];
    for (int m = 0; m < 3; m++) inputs[m] = f.model(m, start);
    const ingot_gram_args args = {f.operand(f.base, start), inputs, sums, kTile, 3, 0};
    ingot_gram(&args);
}

void weighted_sum_tile(family &f, int models, int64_t start) {
    ingot_operand inputs[kModels];
    for (int m = 0; m < models; m++) inputs[m] = f.model(m, start);
    const float weights[kModels] = {0.1f, 0.2f, 0.3f, 0.1f, 0.1f, 0.1f, 0.05f, 0.05f};
    const ingot_weighted_sum_args args = {inputs, weights, f.operand(f.output, 0), kTile, models, 0};
    ingot_weighted_sum(&args);
}

void add_kernels(family &f, const std::string &type, std::vector<candidate> &all) {
    const double element = (double)f.bytes();
    auto add = [&](const std::string &label, double bytes, const std::function<void(int64_t)> &tile) {
        for (int isa = 0; isa < ingot_isa_count(); isa++) {
            if (ingot_isa_available(isa)) all.push_back({type + " " + label, isa, f.count, bytes, tile});
        }
    };
    all.push_back({type + " memcpy", -1, f.count, 2 * element, [&f](int64_t start) {
                       memcpy(f.copy.data() + start * f.bytes(), f.base.data() + start * f.bytes(),
                              (size_t)(kTile * f.bytes()));
                   }});
    for (int k : {2, 3, 8}) {
        add("weighted_sum k=" + std::to_string(k), (k + 1) * element,
            [&f, k](int64_t start) { weighted_sum_tile(f, k, start); });
    }
    const int32_t low = key_at(f, 0.51), high = key_at(f, 0.49), half = key_at(f, 0.5);
    for (merge_case c : {merge_case{"task_arithmetic k=3", INGOT_MASK_NONE, 3, 0},
                         {"task_arithmetic k=8", INGOT_MASK_NONE, 8, 0},
                         {"ties k=2", INGOT_MASK_MAGNITUDE, 2, 1},
                         {"ties k=3", INGOT_MASK_MAGNITUDE, 3, 1},
                         {"ties k=8", INGOT_MASK_MAGNITUDE, 8, 1},
                         {"dare_linear k=3", INGOT_MASK_RANDOM, 3, 0},
                         {"dare_ties k=3", INGOT_MASK_RANDOM, 3, 1}}) {
        add(c.label, (c.models + 2) * element, [&f, c, half](int64_t start) { merge_tile(f, c, half, start); });
    }
    auto keys = std::make_shared<std::vector<int32_t>>(3 * kTile);
    add("select_scan k=3", 4 * element,
        [&f, keys, low, high](int64_t start) { scan_tile(f, low, high, *keys, start); });
    auto bins = std::make_shared<std::vector<int64_t>>(65536);
    add("select_histogram", 2 * element, [&f, bins](int64_t start) {
        const ingot_select_histogram_args args = {
            f.operand(f.base, start), f.model(0, start), bins->data(), kTile, -1, 0};
        ingot_select_histogram(&args);
    });
    auto sums = std::make_shared<std::vector<double>>(kTile / INGOT_CHUNK * 6);
    add("delta_sums k=3", 4 * element, [&f, sums, half](int64_t start) { sums_tile(f, half, sums->data(), start); });
    add("gram k=3", 4 * element, [&f, sums](int64_t start) { gram_tile(f, sums->data(), start); });
    const int32_t other = f.dtype == INGOT_F32 ? INGOT_BF16 : INGOT_F32;
    add(other == INGOT_F32 ? "convert to f32" : "convert to bf16", 6, [&f, other](int64_t start) {
        const ingot_convert_args args = {f.operand(f.base, start), {f.output.data(), other, 0}, kTile};
        ingot_convert(&args);
    });
}

// On a fresh copy each time, which is timed with it: it reorders its keys.
void add_kth_largest(std::vector<candidate> &all) {
    auto original = std::make_shared<std::vector<int32_t>>(kTile);
    auto keys = std::make_shared<std::vector<int32_t>>(kTile);
    for (auto &key : *original) key = 0x39000000 + (int32_t)(next_random() >> 8);
    for (int isa = 0; isa < ingot_isa_count(); isa++) {
        if (!ingot_isa_available(isa)) continue;
        all.push_back({"kth_largest and copy", isa, 16 * kTile, 4, [original, keys](int64_t) {
                           *keys = *original;
                           ingot_kth_largest_args args = {keys->data(), kTile, kTile / 2, 0, 0, 0};
                           ingot_kth_largest(&args);
                       }});
    }
}

}  // namespace

int main(int argc, char **argv) {
    const int64_t count = argc > 1 ? atoll(argv[1]) : 16 << 20;
    const int rounds = argc > 2 ? atoi(argv[2]) : 3;
    const std::string filter = argc > 3 ? argv[3] : "";
    if (count < kTile || rounds < 1) {
        fprintf(stderr, "at least %lld elements and 1 round\n", (long long)kTile);
        return 2;
    }
    family halves = make_family(INGOT_BF16, count, kModels);
    family floats = make_family(INGOT_F32, count, kModels);
    std::vector<candidate> all;
    add_kernels(halves, "bf16", all);
    add_kernels(floats, "f32", all);
    add_kth_largest(all);
    for (int round = 0; round < rounds; round++) {
        for (auto &c : all) {
            if (c.isa >= 0 && c.name.find(filter) == std::string::npos) continue;
            if (c.isa >= 0) ingot_isa_select(c.isa);
            c.run();
        }
    }
    double memcpy_rate = 0;
    printf("%-26s %-8s %8s %10s\n", "kernel", "isa", "GB/s", "x memcpy");
    for (auto &c : all) {
        if (c.times.empty()) continue;
        const double rate = c.rate();
        if (c.isa < 0) memcpy_rate = rate;
        printf("%-26s %-8s %8.2f %10.2f\n", c.name.c_str(), c.isa < 0 ? "-" : ingot_isa_name(c.isa), rate,
               rate / memcpy_rate);
    }
    return 0;
}
