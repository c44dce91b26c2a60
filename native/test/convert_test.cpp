// SPDX-License-Identifier: Apache-2.0
//
// Every code of the 8- and 16-bit types widened; narrowing at every value, every midpoint and their neighbours, and on
// random patterns: 2 million, or the number given as argument.
#include "oracle.h"

namespace {

void check_pair(const char *isa, tensor &input, int32_t to) {
    tensor actual(to, input.count, 1), expected(to, input.count, 0);
    for (int64_t i = 0; i < input.count; i++) expected.set(i, input.get(i));
    const ingot_convert_args args = {input.operand(), actual.operand(), input.count};
    CHECK(ingot_convert(&args) == INGOT_OK, "%s", isa);
    int64_t i = 0;
    if (!same_bytes(actual, expected, &i)) {
        CHECK(false, "%s %s -> %s of %a (element %" PRId64 "): %a, expected %a", isa, dtype_names[input.dtype],
              dtype_names[to], i < input.count ? input.get(i) : 0, i, i < input.count ? actual.get(i) : 0,
              i < input.count ? expected.get(i) : 0);
    }
}

void add_with_neighbours(std::vector<uint32_t> &patterns, float x) {
    uint32_t pattern;
    memcpy(&pattern, &x, 4);
    for (int32_t d = -2; d <= 2; d++) {
        patterns.push_back(pattern + (uint32_t)d);
        patterns.push_back((pattern + (uint32_t)d) ^ 0x80000000u);
    }
}

tensor floats_of(const std::vector<uint32_t> &patterns) {
    tensor t(INGOT_F32, (int64_t)patterns.size(), 3);
    memcpy(t.data(), patterns.data(), patterns.size() * 4);
    return t;
}

tensor boundaries(int32_t dtype) {
    std::vector<uint32_t> patterns = {0x7f800001, 0x7fffffff, 0xffc00001, 0xff800001, 0x00000001, 0x007fffff};
    const std::vector<double> &values = format_of(dtype).finite_values();
    for (size_t code = 0; code < values.size(); code++) {
        const double next = code + 1 < values.size() ? values[code + 1] : 2 * values[code] - values[code - 1];
        add_with_neighbours(patterns, (float)values[code]);
        add_with_neighbours(patterns, (float)((values[code] + next) / 2));
    }
    add_with_neighbours(patterns, INFINITY);
    add_with_neighbours(patterns, 3.4028234e38f);
    return floats_of(patterns);
}

tensor doubles(generator &random) {
    tensor t(INGOT_F64, 20000, 5);
    for (int64_t i = 0; i < t.count; i++) {
        const float x = random.between(-1, 1) * std::ldexp(1.0f, (int)random.below(290) - 160);
        // Around the midpoint between two floats.
        double value = ((double)x + (double)std::nextafter(x, INFINITY)) / 2;
        if (random.below(3) == 0) value = std::nextafter(value, random.below(2) ? INFINITY : -INFINITY);
        if (random.below(50) == 0) value = random.below(2) ? NAN : 1e300;
        memcpy(t.data() + i * 8, &value, 8);
    }
    return t;
}

}  // namespace

int main(int argc, char **argv) {
    const int64_t random_count = argc > 1 ? atoll(argv[1]) : 2000000;
    for_each_isa([&](const char *isa) {
        for (int32_t from : {INGOT_BF16, INGOT_F16, INGOT_F8_E4M3, INGOT_F8_E5M2}) {
            tensor all(from, 1 << format_of(from).width(), 1);
            for (uint32_t code = 0; code < (1u << format_of(from).width()); code++) {
                memcpy(all.data() + code * element_bytes(from), &code, element_bytes(from));
            }
            for (int32_t to : dtypes) {
                if (to != from) check_pair(isa, all, to);
            }
            tensor narrow = boundaries(from);
            check_pair(isa, narrow, from);
        }
        generator random = {1};
        tensor wide = doubles(random);
        for (int32_t to : dtypes) {
            if (to != INGOT_F64) check_pair(isa, wide, to);
        }
        for (int64_t done = 0; done < random_count; done += 1000000) {
            std::vector<uint32_t> patterns((size_t)std::min<int64_t>(1000000, random_count - done));
            for (auto &p : patterns) p = (uint32_t)random.next();
            tensor t = floats_of(patterns);
            for (int32_t to : dtypes) {
                if (to != INGOT_F32) check_pair(isa, t, to);
            }
        }
        for (int32_t from : dtypes) {
            for (int64_t n : sizes) {
                for (size_t shift : {0, 1, 2, 5}) {
                    tensor t = make_tensor(random, from, n, shift, true);
                    for (int32_t to : dtypes) {
                        if (to != from) check_pair(isa, t, to);
                    }
                    // Equal types: the same bytes, whatever they mean.
                    tensor copy(from, n, 1);
                    const ingot_convert_args args = {t.operand(), copy.operand(), n};
                    CHECK(ingot_convert(&args) == INGOT_OK, "%s", isa);
                    int64_t where;
                    CHECK(same_bytes(copy, t, &where), "%s copy of %s, element %" PRId64, isa, dtype_names[from],
                          where);
                }
            }
        }
    });
    return finish("convert");
}
