// SPDX-License-Identifier: Apache-2.0
//
// Sums of |d| and of |kept(d)|. Masks are evaluated where a lane has a vector of neighbours; what is staged for the
// accumulators is |d| with the sign bit set on elements that are dropped.
#include "chunk_sums.cuh"
#include "mask.cuh"

namespace INGOT_NAMESPACE {

constexpr int kDeltaSumsWarps = INGOT_GPU_DELTA_SUMS_THREADS / 32;
constexpr int kDeltaSumsTerms = INGOT_GPU_DELTA_SUMS_TERMS;

INGOT_DEVICE void mark_dropped(const ingot_mask_spec &mask, int64_t index, float (&d)[INGOT_GPU_VECTOR]) {
    float kept[INGOT_GPU_VECTOR];
#pragma unroll
    for (int e = 0; e < INGOT_GPU_VECTOR; e++) kept[e] = d[e];
    apply_mask(mask, index, kept);
#pragma unroll
    for (int e = 0; e < INGOT_GPU_VECTOR; e++) {
        // Whether a delta of zero is kept makes no difference.
        const int32_t mark = equal(kept[e], 0.0f) ? INT32_MIN : 0;
        d[e] = from_bits(bit_or(bits(magnitude(d[e])), mark));
    }
}

struct magnitude_sums {
    double all, kept;

    INGOT_DEVICE void add_marked(float x) {
        const double wide = (double)magnitude(x);
        all = __dadd_rn(all, wide);
        if (bits(x) >= 0) kept = __dadd_rn(kept, wide);
    }
};

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL(ingot_gpu_delta_sums, ingot_delta_sums_args, INGOT_GPU_DELTA_SUMS_THREADS) {
    using namespace INGOT_NAMESPACE;
    __shared__ stage_row rows[kDeltaSumsWarps][kDeltaSumsTerms];
    stage_row *const staged = rows[threadIdx.x / 32];
    const chunk_lane lane(args.count);
    const int first_term = (int)blockIdx.y * kDeltaSumsTerms;
    const int terms = min(args.term_count - first_term, kDeltaSumsTerms);
    const ingot_delta_term *const term = args.terms + first_term;

    any_vector::raw base_ahead = any_vector::load(args.base, lane.readable(lane.vector(0)));
    any_vector::raw ahead[kDeltaSumsTerms];
#pragma unroll
    for (int t = 0; t < kDeltaSumsTerms; t++) {
        if (t < terms) ahead[t] = any_vector::load(term[t].model, lane.readable(lane.vector(0)));
    }
    magnitude_sums sums[kDeltaSumsTerms] = {};
    for (int stage = 0; stage < lane.stages; stage++) {
        const int64_t index = lane.vector(stage);
        const int64_t next = lane.readable(lane.vector(stage + 1));
        float base[INGOT_GPU_VECTOR];
        any_vector::widen(base_ahead, args.base.dtype, base);
        base_ahead = any_vector::load(args.base, next);
#pragma unroll
        for (int t = 0; t < kDeltaSumsTerms; t++) {
            if (t < terms) {
                float d[INGOT_GPU_VECTOR];
                any_vector::widen(ahead[t], term[t].model.dtype, d);
                ahead[t] = any_vector::load(term[t].model, next);
                subtract(base, d);
                lane.clear(index, d);
                mark_dropped(term[t].mask, args.start + lane.readable(index), d);
                lane.stage(staged[t], d);
            }
        }
        __syncwarp();
#pragma unroll
        for (int t = 0; t < kDeltaSumsTerms; t++) {
            if (t < terms) {
#pragma unroll
                for (int step = 0; step < kStageSteps; step++) sums[t].add_marked(lane.staged(staged[t], step));
            }
        }
        __syncwarp();
    }

#pragma unroll
    for (int t = 0; t < kDeltaSumsTerms; t++) {
        const double all = folded(sums[t].all);
        const double kept = folded(sums[t].kept);
        if (t < terms && lane.accumulator == 0 && lane.has_chunk()) {
            double *const out = args.sums + 2 * (lane.chunk * args.term_count + first_term + t);
            out[0] = all;
            out[1] = kept;
        }
    }
}
