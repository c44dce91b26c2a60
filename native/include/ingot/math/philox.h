// SPDX-License-Identifier: Apache-2.0
//
// Philox-4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 4.3.
#ifndef INGOT_MATH_PHILOX_H
#define INGOT_MATH_PHILOX_H

#include "scalar.h"

namespace INGOT_NAMESPACE {

// A counter block, one word in the low half of each 64-bit lane: so a widening multiplication needs no shuffles. What
// is in the high halves does not matter.
template <class U>
struct philox_block {
    U w0, w1, w2, w3;
};

// The keys of the ten rounds, in all lanes.
template <class U>
struct philox_keys {
    U k0[10], k1[10];

    explicit INGOT_FN philox_keys(uint64_t key) {
        uint32_t low = (uint32_t)key;
        uint32_t high = (uint32_t)(key >> 32);
        for (int round = 0; round < 10; round++) {
            k0[round] = splat<U>((uint64_t)low);
            k1[round] = splat<U>((uint64_t)high);
            low += 0x9E3779B9u;
            high += 0xBB67AE85u;
        }
    }
};

// Ten rounds over n blocks side by side, as each round waits for the one before it; word j of a result is the low half
// of its wj.
template <int n, class U>
INGOT_FN void philox4x32_10(philox_block<U> (&c)[n], const philox_keys<U> &keys) {
    const U m0 = splat<U>((uint64_t)0xD2511F53u);
    const U m1 = splat<U>((uint64_t)0xCD9E8D57u);
    for (int round = 0; round < 10; round++) {
        for (int b = 0; b < n; b++) {
            const U p0 = mul_low_halves(m0, c[b].w0);
            const U p1 = mul_low_halves(m1, c[b].w2);
            c[b] = {xor3(high_half(p1), c[b].w1, keys.k0[round]), p1, xor3(high_half(p0), c[b].w3, keys.k1[round]), p0};
        }
    }
}

// The block of a 64-bit counter before its rounds.
template <class U>
INGOT_FN philox_block<U> philox_counter(U counter) {
    const U zero = splat<U>((uint64_t)0);
    return {counter, high_half(counter), zero, zero};
}

}  // namespace INGOT_NAMESPACE

#endif
