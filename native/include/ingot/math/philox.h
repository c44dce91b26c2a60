// SPDX-License-Identifier: Apache-2.0
//
// Philox-4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 4.3.
#ifndef INGOT_MATH_PHILOX_H
#define INGOT_MATH_PHILOX_H

#include "scalar.h"

namespace INGOT_NAMESPACE {

// A counter block, one word in the low half of each 64-bit lane: so a widening multiplication needs no shuffles. What is
// in the high halves does not matter.
template <class U>
struct philox_block {
    U w0, w1, w2, w3;
};

// Ten rounds over a block; word j of the result is the low half of wj.
template <class U>
INGOT_FN philox_block<U> philox4x32_10(philox_block<U> c, uint64_t key) {
    const U m0 = splat<U>((uint64_t)0xD2511F53u);
    const U m1 = splat<U>((uint64_t)0xCD9E8D57u);
    uint32_t k0 = (uint32_t)key;
    uint32_t k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        const U p0 = mul_low_halves(m0, c.w0);
        const U p1 = mul_low_halves(m1, c.w2);
        c.w0 = xor3(high_half(p1), c.w1, splat<U>((uint64_t)k0));
        c.w2 = xor3(high_half(p0), c.w3, splat<U>((uint64_t)k1));
        c.w1 = p1;
        c.w3 = p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return c;
}

// The block of a 64-bit counter.
template <class U>
INGOT_FN philox_block<U> philox4x32_10_at(U counter, uint64_t key) {
    const U zero = splat<U>((uint64_t)0);
    return philox4x32_10(philox_block<U>{counter, high_half(counter), zero, zero}, key);
}

}  // namespace INGOT_NAMESPACE

#endif
