// SPDX-License-Identifier: Apache-2.0
//
// Task vectors d = x - base: which elements are kept, how they are weighted, how signs are elected.
// Sources: Task Arithmetic (arXiv 2212.04089), TIES-Merging (arXiv 2306.01708), DARE (arXiv 2311.03099).
#ifndef INGOT_MATH_DELTA_H
#define INGOT_MATH_DELTA_H

#include "scalar.h"

namespace INGOT_NAMESPACE {

// The rank of a delta by magnitude: bits(|d|), with every NaN at 0x7fc00000. The result of a subtraction is never a
// signalling NaN, so that all NaN patterns are at or above it and a minimum is enough.
template <class F>
INGOT_FN typename lanes_of<F>::integer magnitude_key(F d) {
    using I = typename lanes_of<F>::integer;
    return minimum(bit_and(bits(d), splat<I>(0x7fffffff)), splat<I>(0x7fc00000));
}

template <class F>
INGOT_FN F magnitude(F d) {
    using I = typename lanes_of<F>::integer;
    return from_bits(bit_and(bits(d), splat<I>(0x7fffffff)));
}

// d where the mask is set, +0 elsewhere.
template <class F>
INGOT_FN F kept(typename lanes_of<F>::mask mask, F d) {
    return select(mask, d, splat<F>(0.0f));
}

template <class F>
INGOT_FN F weighted_term(F d, F rescale, F weight) {
    return mul(weight, mul(rescale, d));
}

// Sign election over terms that arrive one after another.
template <class F>
struct sign_election {
    F total, positive, negative, positive_weight, negative_weight;

    static INGOT_FN sign_election first(F y, F weight) {
        const F zero = splat<F>(0.0f);
        return {y, positive_part(y), negative_part(y), select(greater(y, zero), weight, zero),
                select(less(y, zero), weight, zero)};
    }

    INGOT_FN void add_term(F y, F weight) {
        const F zero = splat<F>(0.0f);
        total = add(total, y);
        positive = add(positive, positive_part(y));
        negative = add(negative, negative_part(y));
        positive_weight = add(positive_weight, select(greater(y, zero), weight, zero));
        negative_weight = add(negative_weight, select(less(y, zero), weight, zero));
    }

    // The disjoint sum: of the terms that agree with the elected sign.
    INGOT_FN F sum() const {
        const F agreeing = select(greater_equal(total, splat<F>(0.0f)), positive, negative);
        return select(is_nan(total), total, agreeing);
    }

    // The disjoint mean: their weighted mean; a weight of exactly 0 counts as 1.
    INGOT_FN F mean() const {
        const F zero = splat<F>(0.0f);
        const F weight = select(greater_equal(total, zero), positive_weight, negative_weight);
        return div(sum(), select(equal(weight, zero), splat<F>(1.0f), weight));
    }
};

template <class F>
INGOT_FN F merged(F base, F lambda, F delta) {
    return add(base, mul(lambda, delta));
}

}  // namespace INGOT_NAMESPACE

#endif
