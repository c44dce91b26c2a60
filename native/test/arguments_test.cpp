// SPDX-License-Identifier: Apache-2.0
//
// What the interface refuses, and the list of instruction sets.
#include "check.h"

int main() {
    CHECK(ingot_abi_version() == INGOT_ABI_VERSION, "%d", ingot_abi_version());
    CHECK(ingot_isa_count() >= 1 && !strcmp(ingot_isa_name(0), "scalar") && ingot_isa_available(0),
          "scalar comes first");
    CHECK(!ingot_isa_name(-1) && !ingot_isa_name(ingot_isa_count()), "names out of range");
    CHECK(ingot_isa_select(-1) == INGOT_INVALID_ARGUMENT && ingot_isa_select(99) == INGOT_INVALID_ARGUMENT,
          "select out of range");
    // The best one is the default.
    for (int32_t isa = ingot_isa_current() + 1; isa < ingot_isa_count(); isa++)
        CHECK(!ingot_isa_available(isa), "%d", isa);

    float a[4] = {1, 2, 3, 4}, out[4] = {};
    const float weight = 1;
    const ingot_operand good = {a, INGOT_F32, 0}, output = {out, INGOT_F32, 0}, missing = {nullptr, INGOT_F32, 0},
                        odd = {a, 6, 0};
    ingot_convert_args convert = {good, output, 4};
    CHECK(ingot_convert(nullptr) == INGOT_INVALID_ARGUMENT, "null");
    CHECK(ingot_convert(&convert) == INGOT_OK && !memcmp(a, out, sizeof a), "copy");
    for (ingot_convert_args bad :
         {ingot_convert_args{missing, output, 4}, {odd, output, 4}, {good, odd, 4}, {good, output, -1}}) {
        CHECK(ingot_convert(&bad) == INGOT_INVALID_ARGUMENT, "convert");
    }
    convert = {missing, missing, 0};
    CHECK(ingot_convert(&convert) == INGOT_OK, "nothing to do");

    ingot_weighted_sum_args sum = {&good, &weight, output, 4, 0, 0};
    CHECK(ingot_weighted_sum(&sum) == INGOT_INVALID_ARGUMENT, "no inputs");
    ingot_delta_term term = {good, {7, 0, 0, 0, 0, 0}, 1, 1};
    ingot_delta_merge_args merge = {good, output, &term, 0, 4, 1, 0, 0, 1, 1, 0};
    CHECK(ingot_delta_merge(&merge) == INGOT_INVALID_ARGUMENT, "mask kind");
    term.mask.kind = INGOT_MASK_NONE;
    CHECK(ingot_delta_merge(&merge) == INGOT_OK, "a good call");
    merge.term_count = INGOT_MAX_TERMS + 1;
    CHECK(ingot_delta_merge(&merge) == INGOT_INVALID_ARGUMENT, "too many terms");
    double sums[2];
    const ingot_delta_sums_args delta_sums = {good, &term, sums, 5, 4, 1, 0};
    CHECK(ingot_delta_sums(&delta_sums) == INGOT_INVALID_ARGUMENT, "start inside a chunk");
    int32_t keys[3] = {1, 2, 3};
    ingot_kth_largest_args kth = {keys, 3, 4, 0, 0, 0};
    CHECK(ingot_kth_largest(&kth) == INGOT_INVALID_ARGUMENT, "rank beyond the count");
    CHECK(ingot_count_equal(keys, 3, 2) == 1 && ingot_count_equal(nullptr, 0, 2) == 0, "count");
    return finish("arguments");
}
