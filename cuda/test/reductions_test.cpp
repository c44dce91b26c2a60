// SPDX-License-Identifier: Apache-2.0
//
// Sums of magnitudes and dot products against plain loops of the fixed shape, to the bit.
#include "kernel_run.h"

namespace {

constexpr int64_t counts[] = {0, 1, 7, 8, 9, 1001, 4097, 8191, 8192, 8193, 16384, 16385, 3 * 16384 + 5,
    5 * 16384 + 129};
constexpr int32_t dtypes[] = {INGOT_BF16, INGOT_F32, INGOT_F16, INGOT_F64, INGOT_F8_E4M3, INGOT_F8_E5M2};

// Element i is added to accumulator i mod 16; these are folded in halves.
struct plain_sum {
    double part[16] = {};

    double folded() {
        for (int half = 8; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) part[j] += part[j + half];
        }
        return part[0];
    }
};

uint64_t bits_of(double x) {
    uint64_t result;
    memcpy(&result, &x, 8);
    return result;
}

bool same_sum(double got, double expected) {
    return bits_of(got) == (expected != expected ? 0x7ff8000000000000u : bits_of(expected));
}

using tensors = std::vector<std::unique_ptr<device_tensor>>;

// dtype < 0: any.
tensors make_tensors(generator &random, int64_t n, int count, int32_t dtype, bool wild) {
    tensors result;
    for (int i = 0; i < count; i++) {
        const int32_t type = dtype < 0 ? dtypes[random.below(6)] : dtype;
        result.push_back(std::make_unique<device_tensor>(make_tensor(random, type, n, 0, wild)));
    }
    return result;
}

using row = std::vector<float>;

row values_of(device_tensor &t, const row *base) {
    row result;
    for (int64_t i = 0; i < t.host.count; i++) {
        result.push_back(base ? t.host.get(i) - (*base)[(size_t)i] : t.host.get(i));
    }
    return result;
}

std::vector<double> products_of(const std::vector<row> &rows, int64_t n) {
    std::vector<double> result;
    for (int64_t chunk = 0; chunk < n; chunk += INGOT_CHUNK) {
        const int64_t end = std::min<int64_t>(n, chunk + INGOT_CHUNK);
        for (size_t r = 0; r < rows.size(); r++) {
            for (size_t c = 0; c <= r; c++) {
                plain_sum sum;
                for (int64_t i = chunk; i < end; i++) {
                    sum.part[i % 16] += (double)rows[r][(size_t)i] * (double)rows[c][(size_t)i];
                }
                result.push_back(sum.folded());
            }
        }
    }
    return result;
}

void run_gram(const std::string &kernel, const ingot_operand &base, tensors &inputs, int64_t n, unsigned rows_of_blocks,
              const std::vector<double> &expected, const char *order) {
    std::vector<ingot_operand> operands;
    for (auto &input : inputs) operands.push_back(input->operand());
    device_array<ingot_operand> on_device(operands);
    device_array<double> sums(expected.size());
    sums.fill(-1.0);
    const ingot_gram_args args = {base, on_device.data, sums.data, n, (int32_t)inputs.size(), 0};
    run_kernel(kernel.c_str(), args, blocks_of(n, INGOT_GPU_GRAM_ELEMENTS), rows_of_blocks, INGOT_GPU_GRAM_THREADS,
        order);
    for (size_t i = 0; i < expected.size(); i++) {
        CHECK(same_sum(sums[i], expected[i]), "%s %s n %" PRId64 " k %zu: sum %zu is %g instead of %g", kernel.c_str(),
              order, n, inputs.size(), i, sums[i], expected[i]);
    }
}

void check_gram(generator &random, int64_t n, int count, int32_t dtype, bool with_base, bool wild, const char *order) {
    tensors inputs = make_tensors(random, n, count, dtype, wild);
    tensors base = make_tensors(random, n, with_base, dtype, wild);
    row base_values;
    if (with_base) base_values = values_of(*base[0], nullptr);
    std::vector<row> rows;
    for (auto &input : inputs) rows.push_back(values_of(*input, with_base ? &base_values : nullptr));
    const std::vector<double> expected = products_of(rows, n);
    const ingot_operand base_operand = with_base ? base[0]->operand() : ingot_operand{nullptr, 0, 0};
    const unsigned groups = (unsigned)(count + INGOT_GPU_GRAM_ROWS - 1) / INGOT_GPU_GRAM_ROWS;
    run_gram("ingot_gpu_gram", base_operand, inputs, n, groups * (groups + 1) / 2, expected, order);
    if (count == 2 && !with_base && has_own_kernel(dtype)) {
        run_gram(name_for("ingot_gpu_gram", dtype), base_operand, inputs, n, 1, expected, order);
    }
}

ingot_mask_spec make_mask(generator &random, device_tensor &base, device_tensor &model, int64_t start) {
    const int64_t n = model.host.count;
    ingot_mask_spec mask = {};
    mask.kind = (int32_t)random.below(3);
    const int64_t i = random.below(n);
    mask.threshold = key_of(model.host.get(i), base.host.get(i));
    if (random.below(6) == 0) mask.threshold = random.below(2) ? 0x7fc00000 : -1;
    mask.tie_cut = random.below(4) == 0 ? INT64_MAX : start + random.below(n + 1);
    mask.key = random.next();
    mask.keep_below = (uint32_t)random.next();
    return mask;
}

void check_delta_sums(generator &random, int64_t n, int count, int32_t dtype, bool wild, const char *order) {
    const int64_t start = random.below(2) ? 0 : (int64_t)3 << 33;
    tensors models = make_tensors(random, n, count, dtype, wild);
    tensors base = make_tensors(random, n, 1, dtype, wild);
    const row base_values = values_of(*base[0], nullptr);
    std::vector<row> values;
    std::vector<ingot_delta_term> terms;
    for (auto &model : models) {
        const ingot_mask_spec mask = n ? make_mask(random, *base[0], *model, start) : ingot_mask_spec{};
        terms.push_back({model->operand(), mask, NAN, NAN});
        values.push_back(values_of(*model, nullptr));
    }
    std::vector<double> expected;
    for (int64_t chunk = 0; chunk < n; chunk += INGOT_CHUNK) {
        for (size_t t = 0; t < terms.size(); t++) {
            plain_sum all, kept;
            for (int64_t i = chunk; i < std::min<int64_t>(n, chunk + INGOT_CHUNK); i++) {
                const float x = values[t][(size_t)i], b = base_values[(size_t)i];
                all.part[i % 16] += std::fabs((double)(x - b));
                if (is_kept(terms[t].mask, start + i, x, b)) kept.part[i % 16] += std::fabs((double)(x - b));
            }
            expected.push_back(all.folded());
            expected.push_back(kept.folded());
        }
    }
    device_array<ingot_delta_term> on_device(terms);
    device_array<double> sums(expected.size());
    sums.fill(-1.0);
    const ingot_delta_sums_args args = {base[0]->operand(), on_device.data, sums.data, start, n, count, 0};
    run_kernel("ingot_gpu_delta_sums", args, blocks_of(n, INGOT_GPU_DELTA_SUMS_ELEMENTS),
               blocks_of(count, INGOT_GPU_DELTA_SUMS_TERMS), INGOT_GPU_DELTA_SUMS_THREADS, order);
    for (size_t i = 0; i < expected.size(); i++) {
        CHECK(same_sum(sums[i], expected[i]), "%s n %" PRId64 " terms %d: sum %zu is %g instead of %g", order, n,
            count, i,
              sums[i], expected[i]);
    }
}

}  // namespace

int main() {
    generator random = {11};
    for (int64_t n : counts) {
        const bool small = n < 5000;
        for (const char *order : orders) {
            // All types together, each of those with a kernel of their own, and numbers of models around the groups.
            for (int32_t dtype : {-1, (int32_t)INGOT_BF16, (int32_t)INGOT_F16, (int32_t)INGOT_F32}) {
                check_gram(random, n, 2, dtype, false, random.below(4) == 0, order);
            }
            check_gram(random, n, 1 + (int)random.below(small ? 8 : 4), -1, true, false, order);
            check_gram(random, n, 3, -1, false, true, order);
            check_delta_sums(random, n, 1, INGOT_BF16, false, order);
            check_delta_sums(random, n, 1 + (int)random.below(small ? 9 : 5), -1, random.below(2), order);
        }
    }
    check_gram(random, 300, INGOT_MAX_TERMS, INGOT_F8_E4M3, true, false, "forward");
    return finish("reductions");
}
