// SPDX-License-Identifier: Apache-2.0
//
// Merged deltas against a loop that follows the words of ingot.h: types, masks, sign election, any number of terms,
// tiles that start anywhere.
#include "kernel_run.h"

namespace {

struct merge_case {
    std::string kernel;
    std::vector<int32_t> types;
    int32_t base_type, output_type;
    // Negative: of every kind.
    int mask;
    bool consensus, normalize, wild;
    int64_t start, count;
};

ingot_mask_spec make_mask(generator &random, const merge_case &c, tensor &model, tensor &base) {
    const int32_t kind = c.mask < 0 ? (int32_t)random.below(3) : c.mask;
    ingot_mask_spec mask = {kind, 0, 0, random.next(), (uint32_t)random.next(), 0};
    const int64_t i = random.below(model.count);
    mask.threshold = key_of(model.get(i), base.get(i));
    const int32_t ends[] = {0, 1, 0x7f800000, 0x7fc00000, 0x7fc00001, INT32_MAX, -1, INT32_MIN};
    if (random.below(6) == 0) mask.threshold = ends[random.below(8)];
    mask.tie_cut = c.start + random.below(2 * c.count) - c.count / 2;
    if (random.below(6) == 0) mask.tie_cut = random.below(2) ? 0 : INT64_MAX;
    if (random.below(8) == 0) mask.keep_below = random.below(2) ? 0 : UINT32_MAX;
    return mask;
}

float expected_element(const ingot_delta_merge_args &args, const std::vector<ingot_delta_term> &terms,
                       std::vector<std::unique_ptr<device_tensor>> &models, float base, int64_t offset, int64_t index) {
    std::vector<float> y;
    for (size_t k = 0; k < terms.size(); k++) {
        const float x = models[k]->host.get(offset);
        const float kept = is_kept(terms[k].mask, index, x, base) ? x - base : 0.0f;
        y.push_back(terms[k].weight * (terms[k].rescale * kept));
    }
    float s = y[0];
    for (size_t k = 1; k < y.size(); k++) s = s + y[k];
    float m = s;
    if (!args.consensus && args.divisor != 1.0f) m = s / args.divisor;
    if (args.consensus && s == s) {
        float sum = 0, weight = 0;
        for (size_t k = 0; k < y.size(); k++) {
            if (s >= 0 ? y[k] > 0 : y[k] < 0) {
                sum = sum + y[k];
                weight = weight + terms[k].weight;
            }
        }
        m = args.normalize ? sum / (weight == 0 ? 1.0f : weight) : sum;
    }
    return base + args.lambda * m;
}

void check(generator &random, const merge_case &c) {
    // The operands begin at the vector in which the tile does.
    const int64_t skipped = c.start % INGOT_GPU_VECTOR, extent = skipped + c.count;
    device_tensor base(make_tensor(random, c.base_type, extent, 0, c.wild));
    std::vector<std::unique_ptr<device_tensor>> models;
    std::vector<ingot_delta_term> terms;
    const float weights[] = {1.0f, -1.0f, 0.0f, 0.5f};
    for (int32_t type : c.types) {
        models.push_back(std::make_unique<device_tensor>(make_tensor(random, type, extent, 0, c.wild)));
        const ingot_mask_spec mask = make_mask(random, c, models.back()->host, base.host);
        const float weight = random.below(2) ? random.between(-1, 1) : weights[random.below(4)];
        terms.push_back({models.back()->operand(), mask, weight, random.below(2) ? 1.0f : random.between(0.5f, 3)});
    }
    device_tensor out(tensor(c.output_type, extent, 0));
    const device_array<ingot_delta_term> device_terms(terms);
    const ingot_delta_merge_args args = {base.operand(),
                                         out.operand(),
                                         device_terms.data,
                                         c.start,
                                         c.count,
                                         (int32_t)terms.size(),
                                         c.consensus,
                                         c.normalize,
                                         random.below(2) ? 1.0f : random.between(0.1f, 2),
                                         random.below(2) ? 1.0f : random.between(-1, 2),
                                         0};
    run_kernel(c.kernel.c_str(), args, blocks_of(extent, INGOT_GPU_DELTA_MERGE_ELEMENTS), 1,
               INGOT_GPU_DELTA_MERGE_THREADS, orders[random.below(3)]);
    for (int64_t i = skipped; i < extent; i++) {
        char expected[8];
        const int64_t index = c.start - skipped + i;
        encode(c.output_type, expected_element(args, terms, models, base.host.get(i), i, index), expected);
        const char *actual = out.device.data + (size_t)i * element_bytes(c.output_type);
        CHECK(memcmp(actual, expected, element_bytes(c.output_type)) == 0,
              "%s of %zu terms, mask %d%s%s, %" PRId64 " from %" PRId64 ": element %" PRId64 " is %a, expected %a",
              c.kernel.c_str(), terms.size(), c.mask, c.consensus ? ", consensus" : "",
              c.normalize ? ", normalize" : "", c.count, c.start, i - skipped, decode(c.output_type, actual),
              decode(c.output_type, expected));
    }
}

}  // namespace

int main() {
    generator random = {13};
    const std::string any = "ingot_gpu_delta_merge";
    const int64_t starts[] = {0, 1, 3, 4, 7, 16384, 99999, (int64_t)1 << 34, ((int64_t)1 << 34) + 5};
    for (int64_t n : {1, 4, 5, 8, 9, 350, 1024, 2047, 2500}) {
        for (size_t k : {1, 2, 3, 4, 5, 7, 8, 9, 11, 17, INGOT_MAX_TERMS}) {
            if (n > 9 && (n == 350 ? k > 17 : k != 3 && k != 9)) continue;
            for (int mask : {-1, 0, 1, 2}) {
                for (int mode = 0; mode < 3; mode++) {
                    const bool consensus = mode > 0, normalize = mode > 1, wild = random.below(2) == 0;
                    const int64_t start = starts[random.below(9)];
                    for (int32_t type : {INGOT_BF16, INGOT_F16, INGOT_F32}) {
                        check(random, {name_for(any.c_str(), type), std::vector<int32_t>(k, type), type, type, mask,
                                       consensus, normalize, wild, start, n});
                    }
                    std::vector<int32_t> mixed;
                    for (size_t i = 0; i < k; i++) mixed.push_back(dtypes[random.below(6)]);
                    check(random, {any, mixed, dtypes[random.below(6)], dtypes[random.below(6)], mask, consensus,
                                   normalize, wild, start, n});
                }
            }
        }
    }
    return finish("delta merge");
}
