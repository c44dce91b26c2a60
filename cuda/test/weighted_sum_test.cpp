// SPDX-License-Identifier: Apache-2.0
//
// Weighted sums of one and of mixed types, of up to thousands of inputs, against a plain loop.
#include "kernel_run.h"

namespace {

void check(generator &random, const std::string &kernel, const std::vector<int32_t> &types, int32_t to, int64_t n) {
    std::vector<std::unique_ptr<device_tensor>> inputs;
    std::vector<ingot_operand> operands;
    std::vector<float> weights;
    for (int32_t type : types) {
        inputs.push_back(std::make_unique<device_tensor>(make_tensor(random, type, n, 0, random.below(2) == 0)));
        operands.push_back(inputs.back()->operand());
        weights.push_back(random.below(4) ? random.between(-1, 1) : (float)random.below(2));
    }
    device_tensor out(tensor(to, n, 0));
    const device_array<ingot_operand> device_operands(operands);
    const device_array<float> device_weights(weights);
    const int32_t count = (int32_t)types.size();
    const ingot_weighted_sum_args args = {device_operands.data, device_weights.data, out.operand(), n, count, 0};
    run_kernel(kernel.c_str(), args, blocks_of(n, INGOT_GPU_WEIGHTED_SUM_ELEMENTS), 1, INGOT_GPU_WEIGHTED_SUM_THREADS,
               orders[random.below(3)]);
    for (int64_t i = 0; i < n; i++) {
        float sum = weights[0] * inputs[0]->host.get(i);
        for (size_t k = 1; k < inputs.size(); k++) sum = sum + weights[k] * inputs[k]->host.get(i);
        char expected[8];
        encode(to, sum, expected);
        const char *actual = out.device.data + (size_t)i * element_bytes(to);
        CHECK(memcmp(actual, expected, element_bytes(to)) == 0,
              "%s, %d inputs, %" PRId64 " elements: element %" PRId64 " is %a, expected %a", kernel.c_str(), count, n,
              i, decode(to, actual), decode(to, expected));
    }
}

}  // namespace

int main() {
    generator random = {12};
    const std::string any = "ingot_gpu_weighted_sum";
    for (int64_t n : {1, 4, 5, 8, 9, 1024, 1025, 1030, 2047, 2048, 2049, 4100}) {
        for (size_t k : {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 27}) {
            if (n > 1030 && k > 9) continue;
            for (int32_t type : dtypes) {
                const std::vector<int32_t> types(k, type);
                if (has_own_kernel(type)) check(random, name_for(any.c_str(), type), types, type, n);
                if (n < 2000 || k == 3) check(random, any, types, type, n);
            }
            std::vector<int32_t> mixed;
            for (size_t i = 0; i < k; i++) mixed.push_back(dtypes[random.below(6)]);
            check(random, any, mixed, dtypes[random.below(6)], n);
        }
    }
    check(random, any + "_bf16", std::vector<int32_t>(3001, INGOT_BF16), INGOT_BF16, 11);
    check(random, any, std::vector<int32_t>(1002, INGOT_F8_E4M3), INGOT_F32, 13);
    return finish("weighted sum");
}
