// SPDX-License-Identifier: Apache-2.0
//
// Scans, samples, histograms, counts and tie positions against plain loops over the keys; the tensors have heavy ties.
#include "kernel_run.h"

namespace {

constexpr int64_t counts[] = {0, 1, 7, 8, 9, 1001, 4097, 8191, 8192, 8193, 16384, 16385, 3 * 16384 + 5};
constexpr int32_t dtypes[] = {INGOT_BF16, INGOT_F32, INGOT_F16, INGOT_F64, INGOT_F8_E4M3, INGOT_F8_E5M2};

using keys = std::vector<int32_t>;

// A base and models, and the keys of each model's deltas.
struct models {
    int64_t count;
    std::unique_ptr<device_tensor> base;
    std::vector<std::unique_ptr<device_tensor>> model;
    std::vector<keys> key;

    // dtype < 0: any.
    models(generator &random, int64_t n, int terms, int32_t dtype, bool wild) : count(n) {
        auto make = [&] {
            const int32_t type = dtype < 0 ? dtypes[random.below(6)] : dtype;
            return std::make_unique<device_tensor>(make_tensor(random, type, n, 0, wild));
        };
        base = make();
        std::vector<float> values;
        for (int64_t i = 0; i < n; i++) values.push_back(base->host.get(i));
        for (int t = 0; t < terms; t++) {
            model.push_back(make());
            key.emplace_back();
            for (int64_t i = 0; i < n; i++) key.back().push_back(key_of(model.back()->host.get(i), values[(size_t)i]));
        }
    }
};

struct bracket {
    int32_t low, high;
};

bracket make_bracket(generator &random, const keys &key) {
    const int64_t n = (int64_t)key.size();
    if (n == 0 || random.below(6) == 0) return {-1, INT32_MAX};
    auto end = [&] {
        constexpr int32_t special[] = {-1, 0, 1, 0x7f7fffff, 0x7f800000, 0x7f900000, 0x7fbfffff, 0x7fc00000, INT32_MAX};
        return random.below(4) == 0 ? special[random.below(9)] : key[(size_t)random.below(n)];
    };
    bracket b = {end(), end()};
    if (b.low > b.high) std::swap(b.low, b.high);
    if (random.below(5) == 0) b.low = b.high;
    if (random.below(8) == 0) b.low = b.high - (b.high > -1);
    return b;
}

struct found {
    int64_t above = 0, at_high = 0, at_low = 0;
    keys inside;

    found(const keys &key, bracket b) {
        for (int32_t k : key) {
            above += k > b.high;
            at_high += k == b.high;
            at_low += k == b.low;
            if (k > b.low && k < b.high) inside.push_back(k);
        }
    }
};

void run_scan(const std::string &kernel, models &m, const std::vector<bracket> &brackets,
              const std::vector<int64_t> &capacities, const char *order) {
    const size_t k = m.model.size();
    const unsigned blocks = blocks_of(m.count, INGOT_GPU_SELECT_SCAN_ELEMENTS);
    std::vector<std::unique_ptr<device_array<int32_t>>> candidates;
    std::vector<ingot_select_term> terms;
    for (size_t t = 0; t < k; t++) {
        candidates.push_back(std::make_unique<device_array<int32_t>>((size_t)capacities[t]));
        terms.push_back({m.model[t]->operand(), brackets[t].low, brackets[t].high,
                         capacities[t] ? candidates[t]->data : nullptr, capacities[t], 9, 9, 9, 9});
    }
    device_array<ingot_select_term> on_device(terms);
    device_array<ingot_gpu_scan_counts> per_block(k * blocks);
    device_array<int64_t> places(k * blocks);
    device_array<int32_t> staged(k * blocks * INGOT_GPU_SELECT_SCAN_ELEMENTS);
    const ingot_gpu_scan_args args = {m.base->operand(), on_device.data, per_block.data, places.data,
                                      staged.data,       m.count,        blocks,         (int32_t)k, 0};
    run_kernel(kernel.c_str(), args, blocks, 1, INGOT_GPU_SELECT_SCAN_THREADS, order);
    run_kernel("ingot_gpu_select_totals", args, (unsigned)k, 1, INGOT_GPU_SELECT_TOTALS_THREADS, order);
    run_kernel("ingot_gpu_select_gather", args, blocks, (unsigned)k, INGOT_GPU_SELECT_GATHER_THREADS, order);
    for (size_t t = 0; t < k; t++) {
        const found expected(m.key[t], brackets[t]);
        const ingot_select_term &got = on_device[t];
        CHECK(got.above == expected.above && got.at_high == expected.at_high && got.at_low == expected.at_low &&
                  got.inside == (int64_t)expected.inside.size(),
              "%s %s n %" PRId64 " bracket %x %x: above %" PRId64 " at high %" PRId64 " inside %" PRId64
              " at low %" PRId64,
              kernel.c_str(), order, m.count, (unsigned)brackets[t].low, (unsigned)brackets[t].high, got.above,
              got.at_high, got.inside, got.at_low);
        const size_t written = std::min(expected.inside.size(), (size_t)capacities[t]);
        CHECK(std::equal(expected.inside.begin(), expected.inside.begin() + (int64_t)written, candidates[t]->data),
              "%s %s n %" PRId64 ": candidates", kernel.c_str(), order, m.count);
    }
}

void check_scan(generator &random, int64_t n, int terms, int32_t dtype, bool wild, const char *order) {
    models m(random, n, terms, dtype, wild);
    std::vector<bracket> brackets;
    std::vector<int64_t> capacities;
    for (int t = 0; t < terms; t++) {
        brackets.push_back(make_bracket(random, m.key[(size_t)t]));
        const int64_t inside = (int64_t)found(m.key[(size_t)t], brackets.back()).inside.size();
        capacities.push_back(random.below(3) == 0 ? 0 : random.below(2) ? inside : random.below(inside + 1));
    }
    run_scan("ingot_gpu_select_scan", m, brackets, capacities, order);
    if (has_own_kernel(dtype)) run_scan(name_for("ingot_gpu_select_scan", dtype), m, brackets, capacities, order);
}

void check_sample(generator &random, models &m, const char *order) {
    std::vector<int64_t> positions;
    for (int64_t i = 0; i < m.count / 3; i++) positions.push_back(random.below(m.count));
    device_array<int64_t> on_device(positions);
    device_array<int32_t> sampled(positions.size());
    const ingot_select_sample_args args = {m.base->operand(), m.model[0]->operand(), on_device.data, sampled.data,
                                           (int64_t)positions.size()};
    run_kernel("ingot_gpu_select_sample", args, blocks_of(args.count, INGOT_GPU_SELECT_SAMPLE_ELEMENTS), 1,
               INGOT_GPU_SELECT_SAMPLE_THREADS, order);
    for (size_t i = 0; i < positions.size(); i++) {
        CHECK(sampled[i] == m.key[0][(size_t)positions[i]], "%s n %" PRId64 " sample %zu", order, m.count, i);
    }
}

// Bins that start at 5, to see that they are added to.
std::vector<int64_t> bins_of(const keys &key, int32_t prefix) {
    std::vector<int64_t> bins(prefix < 0 ? 65536 : 32768, 5);
    for (int32_t k : key) {
        if (prefix < 0) {
            bins[(size_t)(k >> 15)]++;
        } else if (k >> 15 == prefix) {
            bins[(size_t)(k & 0x7fff)]++;
        }
    }
    return bins;
}

void check_histogram(generator &random, models &m, const char *order) {
    const keys &key = m.key[0];
    device_array<int32_t> key_array(((size_t)m.count + INGOT_GPU_VECTOR - 1) / INGOT_GPU_VECTOR * INGOT_GPU_VECTOR);
    std::copy(key.begin(), key.end(), key_array.data);
    const int32_t some = m.count ? key[(size_t)random.below(m.count)] : 0;
    for (int32_t prefix : {-1, some >> 15}) {
        const std::vector<int64_t> expected = bins_of(key, prefix);
        device_array<int64_t> bins(expected.size());
        bins.fill(5);
        const ingot_select_histogram_args args = {m.base->operand(), m.model[0]->operand(), bins.data, m.count,
            prefix, 0};
        run_kernel("ingot_gpu_select_histogram", args, blocks_of(m.count, INGOT_GPU_SELECT_HISTOGRAM_ELEMENTS), 1,
                   INGOT_GPU_SELECT_HISTOGRAM_THREADS, order);
        CHECK(std::equal(expected.begin(), expected.end(), bins.data), "%s n %" PRId64 " prefix %d", order, m.count,
            prefix);
        bins.fill(5);
        const ingot_gpu_keys_args of_keys = {key_array.data, bins.data, m.count, prefix, 0};
        run_kernel("ingot_gpu_key_histogram", of_keys, blocks_of(m.count, INGOT_GPU_KEY_HISTOGRAM_ELEMENTS), 1,
                   INGOT_GPU_KEY_HISTOGRAM_THREADS, order);
        CHECK(std::equal(expected.begin(), expected.end(), bins.data), "%s n %" PRId64 " keys, prefix %d", order,
            m.count,
              prefix);
    }
    for (int32_t wanted : {some, 0, 12345}) {
        device_array<int64_t> result(1);
        result[0] = 5;
        const ingot_gpu_keys_args args = {key_array.data, result.data, m.count, 0, wanted};
        run_kernel("ingot_gpu_count_equal", args, blocks_of(m.count, INGOT_GPU_COUNT_EQUAL_ELEMENTS), 1,
                   INGOT_GPU_COUNT_EQUAL_THREADS, order);
        CHECK(result[0] == 5 + std::count(key.begin(), key.end(), wanted), "%s n %" PRId64 " equal to %x", order,
            m.count,
              (unsigned)wanted);
    }
}

void check_nth_equal(generator &random, models &m, const char *order) {
    for (int64_t first = 0; first < std::max<int64_t>(m.count, 1); first += INGOT_GPU_SELECT_SCAN_ELEMENTS) {
        const int64_t n = std::min<int64_t>(m.count - first, INGOT_GPU_SELECT_SCAN_ELEMENTS);
        const int32_t key = n ? m.key[0][(size_t)(first + random.below(n))] : 0;
        std::vector<int64_t> positions;
        for (int64_t i = first; i < first + n; i++) {
            if (m.key[0][(size_t)i] == key) positions.push_back(i);
        }
        const int64_t equal = (int64_t)positions.size();
        for (int64_t nth : {(int64_t)1, equal, 1 + random.below(equal + 1), equal + 1}) {
            device_array<int64_t> position(1);
            position[0] = -5;
            const ingot_gpu_nth_args args = {m.base->operand(), m.model[0]->operand(), position.data, first, n, nth,
                key, 0};
            run_kernel("ingot_gpu_select_nth_equal", args, 1, 1, INGOT_GPU_SELECT_NTH_EQUAL_THREADS, order);
            const int64_t expected = nth >= 1 && nth <= equal ? positions[(size_t)nth - 1] : -1;
            CHECK(nth < 1 || position[0] == expected, "%s n %" PRId64 " first %" PRId64 " nth %" PRId64 ": %" PRId64,
                order,
                  m.count, first, nth, position[0]);
        }
    }
}

}  // namespace

int main() {
    generator random = {5};
    for (int64_t n : counts) {
        for (const char *order : orders) {
            for (int32_t dtype : {(int32_t)INGOT_BF16, (int32_t)INGOT_F16, (int32_t)INGOT_F32}) {
                check_scan(random, n, 1 + (int)random.below(4), dtype, random.below(2), order);
            }
            for (int i = 0; i < 3; i++) check_scan(random, n, 1 + (int)random.below(4), -1, random.below(2), order);
            models m(random, n, 1, -1, random.below(2));
            check_sample(random, m, order);
            check_histogram(random, m, order);
            check_nth_equal(random, m, order);
        }
    }
    check_scan(random, 20, INGOT_MAX_TERMS, INGOT_BF16, true, "forward");
    // More blocks than the threads that add up their counts.
    check_scan(random, (int64_t)520 * INGOT_GPU_SELECT_SCAN_ELEMENTS + 3, 1, INGOT_F8_E5M2, false, "forward");
    return finish("select");
}
