// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_SIMD_COMPRESS_TABLE_H
#define INGOT_SIMD_COMPRESS_TABLE_H

#include <stdint.h>

#include "ingot/math/config.h"

namespace INGOT_NAMESPACE {

// Per mask of eight lanes: the numbers of the set lanes, in order, in front. Computed by the compiler.
struct compress_table {
    uint8_t lanes[256][8];

    constexpr compress_table() : lanes{} {
        for (int mask = 0; mask < 256; mask++) {
            int n = 0;
            for (int lane = 0; lane < 8; lane++) {
                if ((mask >> lane) & 1) lanes[mask][n++] = (uint8_t)lane;
            }
        }
    }
};

static constexpr compress_table compress_order;

}  // namespace INGOT_NAMESPACE

#endif
