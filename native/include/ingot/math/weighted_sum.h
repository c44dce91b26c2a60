// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_MATH_WEIGHTED_SUM_H
#define INGOT_MATH_WEIGHTED_SUM_H

#include "scalar.h"

namespace INGOT_NAMESPACE {

// One step of ((w0 x0 + w1 x1) + w2 x2) + ...: the product and the sum are rounded separately.
template <class F>
INGOT_FN F add_product(F sum, F weight, F x) {
    return add(sum, mul(weight, x));
}

}  // namespace INGOT_NAMESPACE

#endif
