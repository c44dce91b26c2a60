// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_KERNELS_CONVERT_H
#define INGOT_KERNELS_CONVERT_H

#include "block.h"

namespace INGOT_NAMESPACE {

static void convert(const ingot_convert_args &args) {
    if (args.input.dtype == args.output.dtype) {
        if (args.count > 0)
            memcpy(args.output.data, args.input.data, (size_t)(args.count * bytes_of(args.input.dtype)));
        return;
    }
    float_block wide;
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        widen_block(args.input, start, n, wide);
        narrow_block(wide, args.output, start, n);
    }
}

}  // namespace INGOT_NAMESPACE

#endif
