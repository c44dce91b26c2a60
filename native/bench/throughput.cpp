// SPDX-License-Identifier: Apache-2.0
//
// Throughput of every kernel and instruction set beside memcpy in the same run: bytes read plus bytes written per second,
// best of several rounds that alternate over all candidates, on one thread.
// Usage: ingot_bench [elements] [rounds] [name filter]
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

uint64_t random_state = 0x9E3779B97F4A7C15u;

uint32_t next_random() {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 32);
}

// Weights around 0.02 with fine-tuning deltas a hundred times smaller: the magnitudes of a real family.
struct family {
    std::vector<char> base;
    std::vector<std::vector<char>> models;
    std::vector<char> output;
    int32_t dtype;
    int64_t count;

    ingot_operand operand(std::vector<char> &memory) const { return {memory.data(), dtype, 0}; }
};

float small_normal(float scale) {
    float sum = 0;
    for (int i = 0; i < 4; i++) sum += (float)(int32_t)next_random() * (1.0f / 2147483648.0f);
    return sum * scale;
}

family make_family(int32_t dtype, int64_t count, int models) {
    const size_t bytes = (size_t)count * (dtype == INGOT_F32 ? 4 : 2);
    family f = {std::vector<char>(bytes), {}, std::vector<char>(bytes), dtype, count};
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

struct candidate {
    std::string name;
    int isa;
    double bytes;
    std::function<void()> body;
    double best = 1e30;
};

double seconds(const std::function<void()> &body) {
    const auto start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Key at about this quantile of the first model's deltas, from the top.
int32_t key_at(family &f, double quantile) {
    constexpr int64_t n = 1 << 16;
    std::vector<int64_t> positions(n);
    std::vector<int32_t> keys(n);
    for (int64_t i = 0; i < n; i++) positions[(size_t)i] = i * (f.count / n);
    ingot_select_sample_args sample = {f.operand(f.base), f.operand(f.models[0]), positions.data(), keys.data(), n};
    ingot_select_sample(&sample);
    ingot_kth_largest_args kth = {keys.data(), n, (int64_t)(quantile * n), 0, 0, 0};
    ingot_kth_largest(&kth);
    return kth.key;
}

ingot_delta_merge_args merge_args(family &f, std::vector<ingot_delta_term> &terms, int mask, int k, int consensus) {
    const int32_t threshold = mask == INGOT_MASK_MAGNITUDE ? key_at(f, 0.5) : 0;
    for (int m = 0; m < k; m++) {
        ingot_mask_spec spec = {mask, threshold, f.count / 2, (uint64_t)m + 1, 0x80000000u, 0};
        terms.push_back({f.operand(f.models[(size_t)m]), spec, 0.5f, mask == INGOT_MASK_RANDOM ? 2.0f : 1.0f});
    }
    return {f.operand(f.base), f.operand(f.output), terms.data(), 0, f.count, k, consensus, consensus, 1.0f, 1.0f, 0};
}

void add_kernels(family &f, const char *type, std::vector<candidate> &all, std::vector<int32_t> &keys) {
    const double tensor = (double)f.base.size();
    auto name = [&](const char *kernel) { return std::string(type) + " " + kernel; };
    auto add = [&](const std::string &label, double bytes, const std::function<void()> &body) {
        for (int isa = 0; isa < ingot_isa_count(); isa++) {
            if (ingot_isa_available(isa)) all.push_back({label, isa, bytes, body});
        }
    };
    all.push_back({name("memcpy"), -1, 2 * tensor, [&f] { memcpy(f.output.data(), f.base.data(), f.base.size()); }});
    for (int k : {2, 3, 8}) {
        add(name("weighted_sum k=") + std::to_string(k), (k + 1) * tensor, [&f, k] {
            std::vector<ingot_operand> inputs;
            for (auto &m : f.models) inputs.push_back(f.operand(m));
            const float weights[kModels] = {0.1f, 0.2f, 0.3f, 0.1f, 0.1f, 0.1f, 0.05f, 0.05f};
            ingot_weighted_sum_args args = {inputs.data(), weights, f.operand(f.output), f.count, k, 0};
            ingot_weighted_sum(&args);
        });
    }
    struct merge_case {
        const char *label;
        int mask, k, consensus;
    };
    for (merge_case c : {merge_case{"task_arithmetic k=3", INGOT_MASK_NONE, 3, 0}, {"ties k=2", INGOT_MASK_MAGNITUDE, 2, 1},
                         {"ties k=3", INGOT_MASK_MAGNITUDE, 3, 1}, {"ties k=8", INGOT_MASK_MAGNITUDE, 8, 1},
                         {"dare_linear k=3", INGOT_MASK_RANDOM, 3, 0}, {"dare_ties k=3", INGOT_MASK_RANDOM, 3, 1}}) {
        auto terms = std::make_shared<std::vector<ingot_delta_term>>();
        const ingot_delta_merge_args args = merge_args(f, *terms, c.mask, c.k, c.consensus);
        add(name(c.label), (c.k + 2) * tensor, [args, terms] { ingot_delta_merge(&args); });
    }
    const int32_t low = key_at(f, 0.51), high = key_at(f, 0.49), threshold = key_at(f, 0.5);
    add(name("select_scan k=3"), 4 * tensor, [&f, &keys, low, high] {
        ingot_select_term terms[3];
        const int64_t room = (int64_t)keys.size() / 3;
        for (int m = 0; m < 3; m++) {
            terms[m] = {f.operand(f.models[(size_t)m]), low, high, keys.data() + m * room, room, 0, 0, 0, 0};
        }
        ingot_select_scan_args args = {f.operand(f.base), terms, f.count, 3, 0};
        ingot_select_scan(&args);
    });
    auto bins = std::make_shared<std::vector<int64_t>>(65536);
    add(name("select_histogram"), 2 * tensor, [&f, bins] {
        ingot_select_histogram_args args = {f.operand(f.base), f.operand(f.models[0]), bins->data(), f.count, -1, 0};
        ingot_select_histogram(&args);
    });
    auto sums = std::make_shared<std::vector<double>>((f.count / INGOT_CHUNK + 1) * 6);
    add(name("delta_sums k=3"), 4 * tensor, [&f, sums, threshold] {
        std::vector<ingot_delta_term> terms;
        for (int m = 0; m < 3; m++) {
            terms.push_back({f.operand(f.models[(size_t)m]), {INGOT_MASK_MAGNITUDE, threshold, 0, 0, 0, 0}, 1.0f, 1.0f});
        }
        ingot_delta_sums_args args = {f.operand(f.base), terms.data(), sums->data(), 0, f.count, 3, 0};
        ingot_delta_sums(&args);
    });
    add(name("gram k=3"), 4 * tensor, [&f, sums] {
        std::vector<ingot_operand> inputs;
        for (int m = 0; m < 3; m++) inputs.push_back(f.operand(f.models[(size_t)m]));
        ingot_gram_args args = {f.operand(f.base), inputs.data(), sums->data(), f.count, 3, 0};
        ingot_gram(&args);
    });
    const int32_t other = f.dtype == INGOT_F32 ? INGOT_BF16 : INGOT_F32;
    auto converted = std::make_shared<std::vector<char>>((size_t)f.count * (other == INGOT_F32 ? 4 : 2));
    add(name(other == INGOT_F32 ? "convert to f32" : "convert to bf16"), tensor + (double)converted->size(),
        [&f, converted, other] {
            ingot_convert_args args = {f.operand(f.base), {converted->data(), other, 0}, f.count};
            ingot_convert(&args);
        });
}

}  // namespace

int main(int argc, char **argv) {
    const int64_t count = argc > 1 ? atoll(argv[1]) : 32 << 20;
    const int rounds = argc > 2 ? atoi(argv[2]) : 7;
    const std::string filter = argc > 3 ? argv[3] : "";
    std::vector<int32_t> keys((size_t)(count / 4));
    family halves = make_family(INGOT_BF16, count, kModels);
    family floats = make_family(INGOT_F32, count / 2, kModels);
    std::vector<candidate> all;
    add_kernels(halves, "bf16", all, keys);
    add_kernels(floats, "f32", all, keys);
    // In place and on copies of the same keys: what it reads and writes is counted once as reading.
    std::vector<int32_t> original(keys.size());
    for (auto &key : original) key = 0x39000000 + (int32_t)(next_random() >> 8);
    for (int isa = 0; isa < ingot_isa_count(); isa++) {
        if (!ingot_isa_available(isa)) continue;
        all.push_back({"kth_largest", isa, (double)keys.size() * 4, [&keys] {
            ingot_kth_largest_args args = {keys.data(), (int64_t)keys.size(), (int64_t)keys.size() / 2, 0, 0, 0};
            ingot_kth_largest(&args);
        }});
    }
    double memcpy_rate = 0;
    for (int round = 0; round < rounds; round++) {
        for (auto &c : all) {
            if (c.isa >= 0 && c.name.find(filter) == std::string::npos) continue;
            if (c.isa >= 0) ingot_isa_select(c.isa);
            if (c.name == "kth_largest") keys = original;
            const double time = seconds(c.body);
            if (time < c.best) c.best = time;
        }
    }
    printf("%-26s %-8s %8s %10s\n", "kernel", "isa", "GB/s", "x memcpy");
    for (auto &c : all) {
        if (c.best > 1e20) continue;
        const double rate = c.bytes / c.best / 1e9;
        if (c.isa < 0) memcpy_rate = rate;
        printf("%-26s %-8s %8.2f %10.2f\n", c.name.c_str(), c.isa < 0 ? "-" : ingot_isa_name(c.isa), rate, rate / memcpy_rate);
    }
    return 0;
}
