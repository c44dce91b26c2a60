// SPDX-License-Identifier: Apache-2.0
//
// Masks and ranks that go by rows, against sorts of the rows.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "check.h"

namespace {

struct rows {
    int64_t length, count;
    std::vector<float> base, model, draws;

    float magnitude(int64_t i) const { return std::fabs(model[(size_t)i] - base[(size_t)i]); }

    // Indices of a row in the order of less; equal ones stay in order.
    std::vector<int64_t> sorted(int64_t first, const std::function<bool(float, float)> &less) const {
        std::vector<int64_t> order((size_t)length);
        std::iota(order.begin(), order.end(), first);
        std::stable_sort(order.begin(), order.end(),
                         [&](int64_t a, int64_t b) { return less(magnitude(a), magnitude(b)); });
        return order;
    }
};

void compare(const char *isa, const char *what, const rows &r, const std::vector<bool> &expected, const std::vector<uint8_t> &bits) {
    for (int64_t i = 0; i < r.length * r.count; i++) {
        const bool kept = bits[(size_t)i / 8] >> (i % 8) & 1;
        CHECK(kept == expected[(size_t)i], "%s %s: element %" PRId64 " of rows of %" PRId64, isa, what, i, r.length);
    }
    CHECK(bits.back() == 0x5a, "%s %s wrote behind the end", isa, what);
}

std::vector<uint8_t> room_for_bits(const rows &r) { return std::vector<uint8_t>((size_t)(r.length * r.count + 7) / 8 + 1, 0x5a); }

void check_band(const char *isa, const char *what, rows &r, int64_t from, int64_t end) {
    std::vector<bool> expected((size_t)(r.length * r.count));
    for (int64_t row = 0; row < r.count; row++) {
        const auto order = r.sorted(row * r.length, [](float a, float b) { return a > b || (a == a && b != b); });
        for (int64_t rank = from; rank < std::min(end, r.length); rank++) expected[(size_t)order[(size_t)rank]] = true;
    }
    std::vector<uint8_t> bits = room_for_bits(r);
    std::vector<uint32_t> scratch(3 * (size_t)(r.length + 64));
    const ingot_band_mask_args args = {{r.base.data(), INGOT_F32, 0}, {r.model.data(), INGOT_F32, 0}, bits.data(), scratch.data(),
                                       r.length * r.count,            r.length,                       from,        end};
    CHECK(ingot_band_mask(&args) == INGOT_OK, "%s", isa);
    compare(isa, what, r, expected, bits);
}

void check_ranked(const char *isa, const char *what, rows &r, float low, float width) {
    std::vector<bool> expected((size_t)(r.length * r.count));
    std::vector<float> ranks((size_t)(r.length * r.count)), magnitudes(ranks.size()), actual(ranks.size());
    for (int64_t row = 0; row < r.count; row++) {
        const auto order = r.sorted(row * r.length, [](float a, float b) { return a < b || (a == a && b != b); });
        for (int64_t rank = 0; rank < r.length; rank++) {
            const size_t i = (size_t)order[(size_t)rank];
            const float share = r.length > 1 ? (float)rank / (float)(r.length - 1) : 0.5f;
            const float product = width * share;
            expected[i] = low + product > r.draws[i];
            ranks[i] = (float)rank;
            magnitudes[i] = r.magnitude((int64_t)i);
        }
    }
    std::vector<uint8_t> bits = room_for_bits(r);
    std::vector<uint64_t> scratch(4 * (size_t)(r.length + 64));
    std::vector<double> sums(2 * (size_t)(r.count * (r.length / INGOT_CHUNK + 1)));
    const ingot_ranked_mask_args args = {{r.base.data(), INGOT_F32, 0}, {r.model.data(), INGOT_F32, 0}, r.draws.data(), bits.data(),
                                         sums.data(), scratch.data(), 0, 0, r.length * r.count, r.length, low, width};
    CHECK(ingot_ranked_mask(&args) == INGOT_OK, "%s", isa);
    compare(isa, what, r, expected, bits);
    const ingot_row_ranks_args ranked = {magnitudes.data(), actual.data(), scratch.data(), r.length, r.length * r.count};
    CHECK(ingot_row_ranks(&ranked) == INGOT_OK, "%s", isa);
    CHECK(actual == ranks, "%s %s: ranks in rows of %" PRId64, isa, what, r.length);
}

}  // namespace

int main() {
    for_each_isa([](const char *isa) {
        generator random = {23};
        const std::vector<std::pair<const char *, std::function<float()>>> kinds = {
            {"any", [&] { return random.between(-1, 1); }},
            {"ties", [&] { return (float)random.below(6) / 128; }},
            // As differences of bfloat16: multiples of different units, many zeros.
            {"units", [&] { return random.below(3) ? (float)random.below(40) * std::ldexp(1.0f, -(int)random.below(6)) : 0.0f; }},
            {"equal", [] { return 0.25f; }},
            {"zero", [] { return 0.0f; }},
            {"outlier", [&] { return random.below(500) ? random.between(0, 1e-4f) : 1e4f; }},
            {"subnormal", [&] { return (float)random.below(9) * 1e-45f; }},
            {"special", [&] { return random.below(20) ? random.between(-1, 1) : random.below(2) ? INFINITY : NAN; }},
            {"no numbers", [] { return NAN; }},
        };
        for (int64_t length : {1, 2, 5, 31, 32, 33, 64, 600, 2048, 8192, 11008, 70000}) {
            for (const auto &kind : kinds) {
                rows r = {length, length < 1000 ? 9 : length < 20000 ? 3 : 1, {}, {}, {}};
                for (int64_t i = 0; i < r.length * r.count; i++) {
                    r.base.push_back(random.below(4) ? 0.0f : -0.0f);
                    r.model.push_back(kind.second());
                    r.draws.push_back((float)random.below(1 << 24) / (1 << 24));
                }
                check_ranked(isa, kind.first, r, 0.4f, 0.2f);
                check_band(isa, kind.first, r, length / 100, length * 85 / 100);
                if (length > 2048) continue;
                check_ranked(isa, kind.first, r, 0.0f, 1.0f);
                for (int64_t from : {(int64_t)0, length / 100, length / 2}) {
                    for (int64_t end : {from, from + 1, length * 85 / 100, length, length + 7}) check_band(isa, kind.first, r, from, end);
                }
            }
        }
    });
    return finish("rows");
}
