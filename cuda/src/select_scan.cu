// SPDX-License-Identifier: Apache-2.0
//
// Counting and collecting the keys of a bracket, of all terms in one read of the base and of each model. What costs time
// is the first look at every element; so that does no more than two comparisons of floats, which find the few deltas
// that need a second look: those in the closed bracket, and NaNs.
#include "block_scan.cuh"
#include "operand_vector.cuh"

#include <math.h>

#include <type_traits>

#include "ingot/math/delta.h"

namespace INGOT_NAMESPACE {

constexpr int kScanThreads = INGOT_GPU_SELECT_SCAN_THREADS;
constexpr int kScanWarps = kScanThreads / 32;
constexpr int kScanVectors = INGOT_GPU_SELECT_SCAN_ELEMENTS / (kScanThreads * INGOT_GPU_VECTOR);
static_assert(kScanVectors == 4, "a thread has a bit for each of its elements, and a 16-bit count for each vector");

struct scan_shared {
    // Deltas of the vectors that need a second look, in halves of vectors; each thread reads its own only.
    float4 deltas[2 * kScanVectors][kScanThreads];
    // Of every warp; taken in turns, so that one barrier per term is enough.
    ingot_gpu_scan_counts found[2][kScanWarps];
};

// A bracket for the first look.
struct scan_bracket {
    int32_t low, high;
    // Deltas above have a greater key than high; those not below have at least the key low. Ends beyond infinity, where
    // keys stand for NaN, become infinity: the second look sees more then. The key -1 is below all.
    float bottom, top;

    INGOT_DEVICE scan_bracket(int32_t low, int32_t high)
        : low(low), high(high), bottom(end_of(low)), top(end_of(high)) {}

    static INGOT_DEVICE float end_of(int32_t key) { return key < 0 ? -1.0f : from_bits(minimum(key, 0x7f800000)); }
};

// What a thread finds of a term; bit 8 v + e of a set stands for element e of its vector v.
struct scan_finds {
    uint32_t above, at_high, at_low;
    // First the elements that need a second look, then those inside the bracket.
    uint32_t elements;

    INGOT_DEVICE void look(const scan_bracket &bracket, int v, const float (&d)[INGOT_GPU_VECTOR]) {
        // The elements of this vector, and the number of those above in the upper half: one addition per element.
        uint32_t seen = 0;
#pragma unroll
        for (int e = 0; e < INGOT_GPU_VECTOR; e++) {
            const float size = fabsf(d[e]);
            seen += greater(size, bracket.top) ? 1u << 16 : less(size, bracket.bottom) ? 0 : 1u << e;
        }
        above += seen >> 16;
        elements |= (seen & 0xff) << (v * INGOT_GPU_VECTOR);
    }

    INGOT_DEVICE void look_again(const scan_bracket &bracket, const scan_shared &shared) {
        for (uint32_t left = elements; left; left &= left - 1) {
            const int element = __ffs((int)left) - 1;
            const int32_t key = key_of(shared, element);
            above += key > bracket.high;
            at_high += key == bracket.high;
            at_low += key == bracket.low;
            if (key <= bracket.low || key >= bracket.high) elements &= ~(1u << element);
        }
    }

    static INGOT_DEVICE int32_t key_of(const scan_shared &shared, int element) {
        const float *half = &shared.deltas[element / 4][threadIdx.x].x;
        return magnitude_key(half[element & 3]);
    }
};

// Places of the collected keys of a thread's vectors among those of its warp; keys are ordered by vector, then lane.
struct scan_places {
    int first[kScanVectors];
    int total;

    INGOT_DEVICE explicit scan_places(uint32_t elements) {
        int here[kScanVectors];
#pragma unroll
        for (int v = 0; v < kScanVectors; v++) here[v] = __popc(elements >> (8 * v) & 0xff);
        const uint32_t low = warp_inclusive_sum((uint32_t)(here[0] | here[1] << 16));
        const uint32_t high = warp_inclusive_sum((uint32_t)(here[2] | here[3] << 16));
        const uint32_t all_low = __shfl_sync(kAllLanes, low, 31);
        const uint32_t all_high = __shfl_sync(kAllLanes, high, 31);
        total = 0;
#pragma unroll
        for (int v = 0; v < kScanVectors; v++) {
            const int shift = v % 2 * 16;
            first[v] = total + (int)((v < 2 ? low : high) >> shift & 0xffff) - here[v];
            total += (int)((v < 2 ? all_low : all_high) >> shift & 0xffff);
        }
    }
};

// The calling thread's elements: vector v of a warp's 32 lanes is contiguous, and so are the vectors of a warp.
template <bool whole_block>
struct scan_elements {
    int64_t first;
    // Like scan_finds::elements: those below the count.
    uint32_t exist = 0xffffffffu;

    INGOT_DEVICE explicit scan_elements(int64_t count) {
        const int warp = (int)threadIdx.x / 32, lane = (int)threadIdx.x & 31;
        first = (int64_t)blockIdx.x * INGOT_GPU_SELECT_SCAN_ELEMENTS + (warp * kScanVectors * 32 + lane) * INGOT_GPU_VECTOR;
        if constexpr (!whole_block) {
            exist = 0;
#pragma unroll
            for (int v = 0; v < kScanVectors; v++) {
                const int64_t left = count - vector(v);
                exist |= (left >= INGOT_GPU_VECTOR ? 0xffu : left > 0 ? (1u << left) - 1 : 0) << (8 * v);
            }
        }
    }

    INGOT_DEVICE int64_t vector(int v) const { return first + v * 32 * INGOT_GPU_VECTOR; }

    // Where no element exists nothing may be read: the first one of all is, and what it gives is ignored.
    INGOT_DEVICE int64_t readable(int v) const {
        return whole_block || exist >> (8 * v) & 1 ? vector(v) : 0;
    }

    // NaN, which is never above, in place of elements that do not exist.
    INGOT_DEVICE void hide_others(int v, float (&d)[INGOT_GPU_VECTOR]) const {
        if constexpr (!whole_block) {
#pragma unroll
            for (int e = 0; e < INGOT_GPU_VECTOR; e++) d[e] = exist >> (8 * v + e) & 1 ? d[e] : from_bits(0x7fc00000);
        }
    }
};

template <class S, bool whole_block>
INGOT_DEVICE void scan_block(const ingot_gpu_scan_args &args, scan_shared &shared) {
    const int warp = (int)threadIdx.x / 32, lane = (int)threadIdx.x & 31;
    const scan_elements<whole_block> own(args.count);
    // Vectors of any type are too large to stay in registers from term to term.
    constexpr bool base_stays = !std::is_same<S, any_vector>::value;
    typename S::raw base[kScanVectors];
    if constexpr (base_stays) {
#pragma unroll
        for (int v = 0; v < kScanVectors; v++) base[v] = S::load(args.base, own.readable(v));
    }
    for (int t = 0; t < args.term_count; t++) {
        const ingot_select_term &term = args.terms[t];
        const ingot_operand model = term.model;
        const scan_bracket bracket(term.low, term.high);
        typename S::raw raw[kScanVectors];
#pragma unroll
        for (int v = 0; v < kScanVectors; v++) raw[v] = S::load(model, own.readable(v));
        scan_finds finds = {};
#pragma unroll
        for (int v = 0; v < kScanVectors; v++) {
            float b[INGOT_GPU_VECTOR], d[INGOT_GPU_VECTOR];
            if constexpr (!base_stays) base[v] = S::load(args.base, own.readable(v));
            S::widen(base[v], args.base.dtype, b);
            S::widen(raw[v], model.dtype, d);
            subtract(b, d);
            own.hide_others(v, d);
            finds.look(bracket, v, d);
            if (finds.elements >> (v * INGOT_GPU_VECTOR)) {
                shared.deltas[2 * v][threadIdx.x] = make_float4(d[0], d[1], d[2], d[3]);
                shared.deltas[2 * v + 1][threadIdx.x] = make_float4(d[4], d[5], d[6], d[7]);
            }
        }
        finds.elements &= own.exist;
        finds.look_again(bracket, shared);

        ingot_gpu_scan_counts *const found = shared.found[t & 1];
        const scan_places places(finds.elements);
        // A warp has 1024 elements.
        const uint32_t larger = warp_sum(finds.above | finds.at_high << 16);
        const uint32_t at_low = warp_sum(finds.at_low);
        if (lane == 0) found[warp] = {larger & 0xffff, larger >> 16, (uint32_t)places.total, at_low};
        __syncthreads();

        if (finds.elements) {
            int32_t *staged = args.staged + (t * args.blocks + blockIdx.x) * INGOT_GPU_SELECT_SCAN_ELEMENTS;
#pragma unroll
            for (int w = 0; w < kScanWarps - 1; w++) staged += w < warp ? found[w].inside : 0;
#pragma unroll
            for (int v = 0; v < kScanVectors; v++) {
                int place = places.first[v];
                for (uint32_t left = finds.elements & 0xffu << (8 * v); left; left &= left - 1) {
                    staged[place++] = scan_finds::key_of(shared, __ffs((int)left) - 1);
                }
            }
        }
        if (threadIdx.x == 0) {
            ingot_gpu_scan_counts sum = {};
            for (int w = 0; w < kScanWarps; w++) {
                sum.above += found[w].above;
                sum.at_high += found[w].at_high;
                sum.inside += found[w].inside;
                sum.at_low += found[w].at_low;
            }
            args.counts[t * args.blocks + blockIdx.x] = sum;
        }
    }
}

template <class S>
INGOT_DEVICE void select_scan(const ingot_gpu_scan_args &args, scan_shared &shared) {
    if ((blockIdx.x + 1) * (int64_t)INGOT_GPU_SELECT_SCAN_ELEMENTS <= args.count) {
        scan_block<S, true>(args, shared);
    } else {
        scan_block<S, false>(args, shared);
    }
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL(ingot_gpu_select_scan, ingot_gpu_scan_args, INGOT_GPU_SELECT_SCAN_THREADS) {
    __shared__ INGOT_NAMESPACE::scan_shared shared;
    INGOT_NAMESPACE::select_scan<INGOT_NAMESPACE::any_vector>(args, shared);
}

INGOT_KERNEL(ingot_gpu_select_scan_bf16, ingot_gpu_scan_args, INGOT_GPU_SELECT_SCAN_THREADS) {
    __shared__ INGOT_NAMESPACE::scan_shared shared;
    INGOT_NAMESPACE::select_scan<INGOT_NAMESPACE::bf16_vector>(args, shared);
}

INGOT_KERNEL(ingot_gpu_select_scan_f16, ingot_gpu_scan_args, INGOT_GPU_SELECT_SCAN_THREADS) {
    __shared__ INGOT_NAMESPACE::scan_shared shared;
    INGOT_NAMESPACE::select_scan<INGOT_NAMESPACE::f16_vector>(args, shared);
}

INGOT_KERNEL(ingot_gpu_select_scan_f32, ingot_gpu_scan_args, INGOT_GPU_SELECT_SCAN_THREADS) {
    __shared__ INGOT_NAMESPACE::scan_shared shared;
    INGOT_NAMESPACE::select_scan<INGOT_NAMESPACE::f32_vector>(args, shared);
}
