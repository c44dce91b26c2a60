// SPDX-License-Identifier: Apache-2.0
//
// The kernels of one instruction set. Included by the isa_*.cpp files only, after their simd header.
#ifndef INGOT_KERNELS_TABLE_H
#define INGOT_KERNELS_TABLE_H

#include "../kernel_table.h"
#include "band_mask.h"
#include "convert.h"
#include "delta_merge.h"
#include "formula.h"
#include "kth_largest.h"
#include "ranked_mask.h"
#include "reductions.h"
#include "row_ranks.h"
#include "select.h"
#include "select_scan.h"
#include "weighted_sum.h"

namespace INGOT_NAMESPACE {

static constexpr ingot_kernel_table table = {
    convert,       weighted_sum,     delta_merge,      delta_sums,  gram,        select_scan,
    select_sample, select_histogram, select_nth_equal, kth_largest, formula,     ranked_mask, row_ranks,
    band_mask,     count_equal,
};

}  // namespace INGOT_NAMESPACE

#endif
