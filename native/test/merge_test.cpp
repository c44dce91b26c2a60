// SPDX-License-Identifier: Apache-2.0
//
// Weighted sums and merged deltas against loops that follow the words of ingot.h, byte by byte.
#include "oracle.h"

namespace {

void report(const char *isa, const char *what, tensor &actual, tensor &expected, int64_t i) {
    CHECK(false, "%s %s -> %s, %" PRId64 " elements: element %" PRId64 " is %a, expected %a", isa, what,
          dtype_names[actual.dtype], actual.count, i, i < actual.count ? actual.get(i) : 0,
          i < actual.count ? expected.get(i) : 0);
}

void check_weighted_sum(const char *isa, generator &random, std::vector<int32_t> types, int32_t to, int64_t n) {
    std::vector<tensor> inputs;
    std::vector<ingot_operand> operands;
    std::vector<float> weights;
    for (int32_t type : types) {
        inputs.push_back(make_tensor(random, type, n, (size_t)random.below(4), true));
        weights.push_back(random.between(-1, 1));
    }
    for (tensor &input : inputs) operands.push_back(input.operand());
    tensor actual(to, n, 1), expected(to, n, 0);
    for (int64_t i = 0; i < n; i++) {
        float sum = weights[0] * inputs[0].get(i);
        for (size_t k = 1; k < inputs.size(); k++) sum = sum + weights[k] * inputs[k].get(i);
        expected.set(i, sum);
    }
    const ingot_weighted_sum_args args = {
        operands.data(), weights.data(), actual.operand(), n, (int32_t)inputs.size(), 0};
    CHECK(ingot_weighted_sum(&args) == INGOT_OK, "%s", isa);
    int64_t i = 0;
    if (!same_bytes(actual, expected, &i)) report(isa, "weighted sum", actual, expected, i);
}

struct merge_case {
    std::vector<int32_t> types;
    int32_t base_type, output_type;
    int mask;
    bool consensus, normalize, wild;
    int64_t start, count;
};

float expected_element(const merge_case &c, const ingot_delta_merge_args &args, tensor &base,
                       std::vector<tensor> &models, int64_t i) {
    std::vector<float> y;
    for (size_t k = 0; k < models.size(); k++) {
        const ingot_delta_term &term = args.terms[k];
        const float d = models[k].get(i) - base.get(i);
        const float kept = is_kept(term.mask, args.start + i, models[k].get(i), base.get(i)) ? d : 0.0f;
        y.push_back(term.weight * (term.rescale * kept));
    }
    float s = y[0];
    for (size_t k = 1; k < y.size(); k++) s = s + y[k];
    float m = s;
    if (!c.consensus && args.divisor != 1.0f) m = s / args.divisor;
    if (c.consensus && s == s) {
        float sum = 0, weight = 0;
        for (size_t k = 0; k < y.size(); k++) {
            if (s >= 0 ? y[k] > 0 : y[k] < 0) {
                sum = sum + y[k];
                weight = weight + args.terms[k].weight;
            }
        }
        m = c.normalize ? sum / (weight == 0 ? 1.0f : weight) : sum;
    }
    return base.get(i) + args.lambda * m;
}

void check_merge(const char *isa, generator &random, const merge_case &c) {
    tensor base = make_tensor(random, c.base_type, c.count, (size_t)random.below(4), c.wild);
    std::vector<tensor> models;
    std::vector<ingot_delta_term> terms;
    for (int32_t type : c.types) models.push_back(make_tensor(random, type, c.count, (size_t)random.below(4), c.wild));
    for (tensor &model : models) {
        const int kind = c.mask < 0 ? (int)random.below(3) : c.mask;
        ingot_mask_spec mask = {kind, 0, 0, random.next(), (uint32_t)random.next(), 0};
        if (c.count > 0) {
            const int64_t i = random.below(c.count);
            mask.threshold = key_of(model.get(i), base.get(i));
            if (random.below(8) == 0) mask.threshold = random.below(2) ? 0 : 0x7fc00000;
            mask.tie_cut = c.start + random.below(2 * c.count) - c.count / 2;
        }
        const float rescale = random.below(2) ? 1.0f : random.between(0.5f, 3);
        terms.push_back({model.operand(), mask, random.below(4) ? random.between(-1, 1) : 1.0f, rescale});
    }
    tensor actual(c.output_type, c.count, 1), expected(c.output_type, c.count, 0);
    const ingot_delta_merge_args args = {base.operand(),
                                         actual.operand(),
                                         terms.data(),
                                         c.start,
                                         c.count,
                                         (int32_t)terms.size(),
                                         c.consensus,
                                         c.normalize,
                                         random.below(2) ? 1.0f : random.between(0.1f, 2),
                                         random.below(2) ? 1.0f : random.between(-1, 2),
                                         0};
    for (int64_t i = 0; i < c.count; i++) expected.set(i, expected_element(c, args, base, models, i));
    CHECK(ingot_delta_merge(&args) == INGOT_OK, "%s", isa);
    int64_t i = 0;
    if (!same_bytes(actual, expected, &i)) {
        const std::string what = std::string("merge of ") + std::to_string(c.types.size()) + " " +
                                 dtype_names[c.types[0]] + " on " + dtype_names[c.base_type] + ", mask " +
                                 std::to_string(c.mask) + (c.consensus ? ", consensus" : "") +
                                 (c.normalize ? ", normalize" : "") + ", start " + std::to_string(c.start);
        report(isa, what.c_str(), actual, expected, i);
    }
}

std::vector<int32_t> mixed_types(generator &random, size_t k) {
    std::vector<int32_t> types;
    for (size_t i = 0; i < k; i++) types.push_back(dtypes[random.below(6)]);
    return types;
}

}  // namespace

int main() {
    for_each_isa([](const char *isa) {
        generator random = {7};
        const int64_t starts[] = {0, 1, 2, 3, 16384, 99999, (int64_t)1 << 34, ((int64_t)1 << 34) + 5};
        for (int64_t n : sizes) {
            if (n > 5000) continue;
            for (int32_t type : dtypes) {
                for (size_t k : {1, 2, 3, 4, 5, 8}) {
                    if (n > 600 && k != 3) continue;
                    check_weighted_sum(isa, random, std::vector<int32_t>(k, type), type, n);
                    check_weighted_sum(isa, random, mixed_types(random, k), dtypes[random.below(6)], n);
                    for (int mask : {-1, 0, 1, 2}) {
                        const int64_t start = starts[random.below(8)];
                        const bool wild = random.below(2) == 0;
                        const int consensus = (int)random.below(3);
                        check_merge(isa, random,
                                    {std::vector<int32_t>(k, type), type, type, mask, consensus > 0, consensus > 1,
                                     wild, start, n});
                        check_merge(isa, random,
                                    {mixed_types(random, k), dtypes[random.below(6)], dtypes[random.below(6)], mask,
                                     consensus > 0, consensus > 1, wild, start, n});
                    }
                }
            }
        }
        check_weighted_sum(isa, random, std::vector<int32_t>(100, INGOT_BF16), INGOT_BF16, 1000);
        check_merge(isa, random,
                    {std::vector<int32_t>(INGOT_MAX_TERMS, INGOT_BF16), INGOT_BF16, INGOT_BF16, -1, true, true, false,
                     3, 1000});
    });
    return finish("merge");
}
