// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_KERNEL_TABLE_H
#define INGOT_KERNEL_TABLE_H

#include "ingot/ingot.h"

// One implementation of every kernel. Arguments were checked, counts are at least 1.
struct ingot_kernel_table {
    void (*convert)(const ingot_convert_args &);
    void (*weighted_sum)(const ingot_weighted_sum_args &);
    void (*delta_merge)(const ingot_delta_merge_args &);
    void (*delta_sums)(const ingot_delta_sums_args &);
    void (*gram)(const ingot_gram_args &);
    void (*select_scan)(const ingot_select_scan_args &);
    void (*select_sample)(const ingot_select_sample_args &);
    void (*select_histogram)(const ingot_select_histogram_args &);
    void (*select_nth_equal)(ingot_select_nth_args &);
    void (*kth_largest)(ingot_kth_largest_args &);
    void (*formula)(const ingot_formula_args &);
    void (*ranked_mask)(const ingot_ranked_mask_args &);
    void (*row_ranks)(const ingot_row_ranks_args &);
    void (*band_mask)(const ingot_band_mask_args &);
    int64_t (*count_equal)(const int32_t *keys, int64_t count, int32_t key);
};

// Defined by the isa_*.cpp files that this build has.
const ingot_kernel_table *ingot_kernels_scalar();
const ingot_kernel_table *ingot_kernels_avx2();
const ingot_kernel_table *ingot_kernels_avx512();
const ingot_kernel_table *ingot_kernels_neon();

#endif
