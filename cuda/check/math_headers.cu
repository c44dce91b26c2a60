// SPDX-License-Identifier: Apache-2.0
//
// Every formula header, instantiated for one lane in device code: this file only has to compile.
#include "ingot/math/convert.h"
#include "ingot/math/delta.h"
#include "ingot/math/philox.h"
#include "ingot/math/weighted_sum.h"

using namespace ingot;

__global__ void conversions(const int32_t *codes, const float *values, float *wide, int32_t *narrow, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const int32_t code = codes[i];
    wide[4 * i] = canonical(widen_bf16(code));
    wide[4 * i + 1] = canonical(widen_small<f16_layout>(code));
    wide[4 * i + 2] = canonical(widen_small<e4m3_layout>(code));
    wide[4 * i + 3] = canonical(widen_small<e5m2_layout>(code));
    const float value = values[i];
    narrow[4 * i] = narrow_bf16(value);
    narrow[4 * i + 1] = narrow_small<f16_layout>(value);
    narrow[4 * i + 2] = narrow_small<e4m3_layout>(value);
    narrow[4 * i + 3] = narrow_small<e5m2_layout>(value);
}

__global__ void merge(const float *base, const float *a, const float *b, float *out, int32_t threshold, uint64_t key,
                      uint32_t keep_below, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const float da = sub(a[i], base[i]);
    const float db = sub(b[i], base[i]);
    philox_block<uint64_t> words[1] = {philox_counter((uint64_t)i / 4)};
    philox4x32_10(words, philox_keys<uint64_t>(key));
    const bool random = less_unsigned((int32_t)(uint32_t)words[0].w0, (int32_t)keep_below);
    const float ya = weighted_term(keep(greater(magnitude_key(da), threshold), da), 1.0f, 0.5f);
    const float yb = weighted_term(keep(random, db), 2.0f, 0.5f);
    sign_election<float> election = sign_election<float>::of(add(ya, yb));
    election.add_term(ya, 0.5f);
    election.add_term(yb, 0.5f);
    out[2 * i] = canonical(merged(base[i], 1.0f, election.mean()));
    out[2 * i + 1] = canonical(merged(base[i], add_product(0.0f, 0.5f, magnitude(da)), election.sum()));
}
