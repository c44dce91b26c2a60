// SPDX-License-Identifier: Apache-2.0
//
// Conversions between all types: every code of the small ones, floats around every value and midpoint, bytes of equal
// types, and sizes around every division of the work.
#include "kernel_run.h"

namespace {

void check(const tensor &input, int32_t to, const char *order) {
    const int64_t n = input.count;
    device_tensor from(input), out(tensor(to, n, 0));
    const ingot_convert_args args = {from.operand(), out.operand(), n};
    run_kernel("ingot_gpu_convert", args, blocks_of(n, INGOT_GPU_CONVERT_ELEMENTS), 1, INGOT_GPU_CONVERT_THREADS,
               order);
    const size_t bytes = element_bytes(to);
    for (int64_t i = 0; i < n; i++) {
        const char *actual = out.device.data + (size_t)i * bytes;
        char expected[8];
        if (to == input.dtype) {
            memcpy(expected, from.host.data() + (size_t)i * bytes, bytes);
        } else {
            encode(to, from.host.get(i), expected);
        }
        CHECK(memcmp(actual, expected, bytes) == 0, "%s -> %s, %" PRId64 " elements: %a (element %" PRId64 ") is %a",
              dtype_names[input.dtype], dtype_names[to], n, from.host.get(i), i, decode(to, actual));
    }
}

void add_with_neighbours(std::vector<uint32_t> &patterns, double x) {
    const float value = (float)x;
    uint32_t pattern;
    memcpy(&pattern, &value, 4);
    for (uint32_t d : {0u, 1u, ~0u}) {
        patterns.push_back(pattern + d);
        patterns.push_back((pattern + d) ^ 0x80000000u);
    }
}

// Around values of a type and the midpoints between them: all of the 8-bit types, every 37th of the others.
tensor boundaries(int32_t dtype) {
    std::vector<uint32_t> patterns = {0x7f800001, 0x7fffffff, 0xffc00001, 0xff800001, 0x00000001, 0x007fffff};
    const std::vector<double> &values = format_of(dtype).finite_values();
    for (size_t code = 0; code + 1 < values.size(); code += values.size() > 256 ? 37 : 1) {
        add_with_neighbours(patterns, values[code]);
        add_with_neighbours(patterns, (values[code] + values[code + 1]) / 2);
    }
    const size_t last = values.size() - 1;
    add_with_neighbours(patterns, values[last]);
    add_with_neighbours(patterns, values[last] + (values[last] - values[last - 1]) / 2);
    add_with_neighbours(patterns, INFINITY);
    tensor t(INGOT_F32, (int64_t)patterns.size(), 0);
    memcpy(t.data(), patterns.data(), patterns.size() * 4);
    return t;
}

tensor every_code(int32_t dtype) {
    tensor t(dtype, 1 << format_of(dtype).width(), 0);
    const size_t bytes = element_bytes(dtype);
    for (int64_t code = 0; code < t.count; code++) memcpy(t.data() + (size_t)code * bytes, &code, bytes);
    return t;
}

}  // namespace

int main() {
    generator random = {11};
    for (int32_t from : dtypes) {
        for (int32_t to : dtypes) {
            for (int64_t n : {1, 3, 4, 5, 8, 9, 1023, 1024, 1025, 1029, 2047, 2048, 2049, 5003}) {
                check(make_tensor(random, from, n, 0, true), to, orders[random.below(3)]);
            }
        }
    }
    for (int32_t type : {INGOT_BF16, INGOT_F16, INGOT_F8_E4M3, INGOT_F8_E5M2}) {
        check(every_code(type), INGOT_F32, "forward");
        check(every_code(type), INGOT_F64, "forward");
        check(boundaries(type), type, "forward");
    }
    return finish("convert");
}
