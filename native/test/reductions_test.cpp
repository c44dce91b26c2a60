// SPDX-License-Identifier: Apache-2.0
//
// Sums of the shape of ingot.h, bit by bit.
#include "oracle.h"

namespace {

uint64_t pattern(double x) {
    uint64_t result;
    memcpy(&result, &x, 8);
    return result;
}

// The sum of term(i) over a chunk, as the header defines it.
template <class Term>
double chunk_sum(int64_t from, int64_t to, const Term &term) {
    double a[16] = {};
    for (int64_t i = from; i < to; i++) a[(i - from) % 16] += term(i);
    for (int half = 8; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) a[j] += a[j + half];
    }
    return a[0] != a[0] ? NAN : a[0];
}

void check(const char *isa, generator &random, int32_t type, int64_t n, int k, bool wild) {
    tensor base = make_tensor(random, type, n, 1, wild);
    std::vector<tensor> models;
    std::vector<ingot_operand> operands;
    std::vector<ingot_delta_term> terms;
    for (int m = 0; m < k; m++) models.push_back(make_tensor(random, m ? type : dtypes[random.below(6)], n, 3, wild));
    const int64_t start = random.below(3) * INGOT_CHUNK;
    for (tensor &model : models) {
        const int64_t i = n ? random.below(n) : 0;
        const int32_t threshold = n ? key_of(model.get(i), base.get(i)) : 0;
        operands.push_back(model.operand());
        terms.push_back(
            {model.operand(), {(int32_t)random.below(3), threshold, start + i, random.next(), 0x70000000u, 0}, 0, 0});
    }
    const int64_t chunks = (n + INGOT_CHUNK - 1) / INGOT_CHUNK;
    const int pairs = k * (k + 1) / 2;
    std::vector<double> sums((size_t)(chunks * k * 2) + 1, 7.0), gram((size_t)(chunks * pairs) + 1, 7.0), plain = gram;
    const ingot_delta_sums_args sums_args = {base.operand(), terms.data(), sums.data(), start, n, k, 0};
    const ingot_gram_args gram_args = {base.operand(), operands.data(), gram.data(), n, k, 0};
    const ingot_gram_args plain_args = {{nullptr, 0, 0}, operands.data(), plain.data(), n, k, 0};
    CHECK(ingot_delta_sums(&sums_args) == INGOT_OK, "%s", isa);
    CHECK(ingot_gram(&gram_args) == INGOT_OK && ingot_gram(&plain_args) == INGOT_OK, "%s", isa);
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        const int64_t from = chunk * INGOT_CHUNK, to = std::min(n, from + INGOT_CHUNK);
        auto delta = [&](int m, int64_t i) { return (double)(models[(size_t)m].get(i) - base.get(i)); };
        for (int m = 0; m < k; m++) {
            const double all = chunk_sum(from, to, [&](int64_t i) { return std::fabs(delta(m, i)); });
            const double kept = chunk_sum(from, to, [&](int64_t i) {
                const bool keep = is_kept(terms[(size_t)m].mask, start + i, models[(size_t)m].get(i), base.get(i));
                return keep ? std::fabs(delta(m, i)) : 0.0;
            });
            const double *actual = &sums[(size_t)((chunk * k + m) * 2)];
            CHECK(pattern(actual[0]) == pattern(all), "%s %s n %" PRId64 " sum: %a, expected %a", isa,
                  dtype_names[type], n, actual[0], all);
            CHECK(pattern(actual[1]) == pattern(kept), "%s %s n %" PRId64 " kept (mask %d): %a, expected %a", isa,
                  dtype_names[type], n, terms[(size_t)m].mask.kind, actual[1], kept);
        }
        for (int row = 0, pair = 0; row < k; row++) {
            for (int column = 0; column <= row; column++, pair++) {
                const double d = chunk_sum(from, to, [&](int64_t i) { return delta(row, i) * delta(column, i); });
                const double x = chunk_sum(from, to, [&](int64_t i) {
                    return (double)models[(size_t)row].get(i) * (double)models[(size_t)column].get(i);
                });
                const size_t at = (size_t)(chunk * pairs + pair);
                CHECK(pattern(gram[at]) == pattern(d), "%s gram n %" PRId64 " (%d, %d): %a, expected %a", isa, n, row,
                      column, gram[at], d);
                CHECK(pattern(plain[at]) == pattern(x), "%s plain gram n %" PRId64 " (%d, %d): %a, expected %a", isa, n,
                      row, column, plain[at], x);
            }
        }
    }
    CHECK(sums.back() == 7.0 && gram.back() == 7.0, "%s wrote behind its results", isa);
}

}  // namespace

int main() {
    for_each_isa([](const char *isa) {
        generator random = {11};
        for (int64_t n : sizes) {
            for (int32_t type : dtypes) {
                check(isa, random, type, n, 3, false);
                if (n < 2000) check(isa, random, type, n, 1 + (int)random.below(5), true);
            }
        }
        check(isa, random, INGOT_BF16, 700, INGOT_MAX_TERMS, false);
    });
    return finish("reductions");
}
