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

// y = weight * (rescale * kept(d)); a rescale of 1 changes nothing and may be left out.
template <class F>
INGOT_FN F weighted_term(F kept, F rescale, F weight) {
    return mul(weight, mul(rescale, kept));
}

// Sign election: the terms are summed first, then those that agree with the sign of the sum are summed, in order again.
// Terms are flipped to the side of the sum instead of keeping two sums: rounding to nearest is symmetric.
template <class F>
struct sign_election {
    using I = typename lanes_of<F>::integer;
    F total;
    // The sign bit where the sum is negative; a NaN or a zero counts as positive.
    I flip;
    F agreeing, weight;

    static INGOT_FN sign_election of(F total) {
        const F zero = splat<F>(0.0f);
        return {total, select(less(total, zero), splat<I>(INT32_MIN), splat<I>(0)), zero, zero};
    }

    INGOT_FN void add_term(F y, F y_weight) {
        const F side = from_bits(bit_xor(bits(y), flip));
        agreeing = add(agreeing, positive_part(side));
        weight = add(weight, keep(greater(side, splat<F>(0.0f)), y_weight));
    }

    // The disjoint sum: of the terms that agree.
    INGOT_FN F sum() const { return select(is_nan(total), total, from_bits(bit_xor(bits(agreeing), flip))); }

    // The disjoint mean: divided by the weights of those terms; a weight of exactly 0 counts as 1.
    INGOT_FN F mean() const { return div(sum(), select(equal(weight, splat<F>(0.0f)), splat<F>(1.0f), weight)); }
};

template <class F>
INGOT_FN F merged(F base, F lambda, F delta) {
    return add(base, mul(lambda, delta));
}

}  // namespace INGOT_NAMESPACE

#endif
