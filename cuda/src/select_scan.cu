// SPDX-License-Identifier: Apache-2.0
//
// Counting and collecting the keys of a bracket, of all terms in one read of the base and of each model. What costs
// time is the first look at every element; so that does no more than two comparisons of floats, which find the few
// deltas that need a second look: those in the closed bracket, and NaNs.
#include "block_scan.cuh"
#include "operand_vector.cuh"

#include <math.h>

#include "ingot/math/delta.h"

namespace INGOT_NAMESPACE {

constexpr int kScanThreads = INGOT_GPU_SELECT_SCAN_THREADS;
constexpr int kScanWarps = kScanThreads / 32;
constexpr int kScanVectors = INGOT_GPU_SELECT_SCAN_ELEMENTS / (kScanThreads * INGOT_GPU_VECTOR);
static_assert(kScanVectors == 4, "a thread has a bit for each of its elements");

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

// One of a set of elements: its number, and the set of it alone.
struct set_member {
    uint32_t bit, element;

    INGOT_DEVICE explicit set_member(uint32_t set) : bit(set & (0u - set)), element(31u - (uint32_t)__clz((int)bit)) {}
};

// What a thread finds of a term; bit 8 v + e of a set stands for element e of its vector v.
struct scan_finds {
    uint32_t above;
    // How many are at high, and at low in the upper half.
    uint32_t at_ends;
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
        for (uint32_t left = elements; left;) {
            const set_member next(left);
            const int32_t key = key_of(shared, next.element);
            above += key > bracket.high;
            at_ends += (key == bracket.high ? 1u : 0) + (key == bracket.low ? 1u << 16 : 0);
            if (key <= bracket.low || key >= bracket.high) elements ^= next.bit;
            left ^= next.bit;
        }
    }

    static INGOT_DEVICE int32_t key_of(const scan_shared &shared, uint32_t element) {
        const float *const own = &shared.deltas[0][threadIdx.x].x;
        return magnitude_key(own[(element & 28) * kScanThreads + (element & 3)]);
    }
};

// Places of a thread's keys among those of its warp, which are ordered by vector, then lane.
struct scan_places {
    // Of the first key of each vector: 16 bits each, as a warp has 1024 elements.
    uint32_t first[kScanVectors / 2];
    uint32_t total;

    INGOT_DEVICE explicit scan_places(uint32_t elements) {
        total = 0;
#pragma unroll
        for (int pair = 0; pair < kScanVectors / 2; pair++) {
            const uint32_t low = (uint32_t)__popc(elements >> (16 * pair) & 0xff);
            const uint32_t high = (uint32_t)__popc(elements >> (16 * pair) & 0xff00);
            const uint32_t here = low | high << 16;
            const uint32_t up_to_here = warp_inclusive_sum(here);
            const uint32_t all = __shfl_sync(kAllLanes, up_to_here, 31);
            const uint32_t after_low = total + (all & 0xffff);
            first[pair] = up_to_here - here + (total | after_low << 16);
            total = after_low + (all >> 16);
        }
    }

    // Of the key of one of the elements.
    INGOT_DEVICE uint32_t of(const set_member &member, uint32_t elements) const {
        const uint32_t pair = member.element < 16 ? first[0] : first[1];
        const uint32_t vector = elements & 0xffu << (member.element & 24);
        return (pair >> (member.element & 8 ? 16 : 0) & 0xffff) + (uint32_t)__popc(vector & (member.bit - 1));
    }
};

// Index of the calling thread's vector 0; vector v of a warp's 32 lanes is contiguous, and so are the vectors of a
// warp.
INGOT_DEVICE int64_t scan_first() {
    const int64_t block = (int64_t)blockIdx.x * INGOT_GPU_SELECT_SCAN_ELEMENTS;
    return block + ((threadIdx.x & ~31u) * kScanVectors + (threadIdx.x & 31)) * INGOT_GPU_VECTOR;
}

constexpr int kScanStride = 32 * INGOT_GPU_VECTOR;

// The first look at vector v; those of its elements that do not exist are ignored.
template <class S>
INGOT_DEVICE void look_at_vector(const typename S::raw &base, int32_t base_type, const typename S::raw &model,
                                 int32_t model_type, const scan_bracket &bracket, int v, int64_t existing,
                                 scan_finds &finds, scan_shared &shared) {
    float b[INGOT_GPU_VECTOR], d[INGOT_GPU_VECTOR];
    S::widen(base, base_type, b);
    S::widen(model, model_type, d);
    subtract(b, d);
    if (existing < INGOT_GPU_VECTOR) {
        // NaN is never above, and the set forgets it.
#pragma unroll
        for (int e = 0; e < INGOT_GPU_VECTOR; e++) d[e] = e < existing ? d[e] : from_bits(0x7fc00000);
    }
    finds.look(bracket, v, d);
    if (existing < INGOT_GPU_VECTOR) finds.elements &= (1u << (v * INGOT_GPU_VECTOR + (int)existing)) - 1;
    if (finds.elements >> (v * INGOT_GPU_VECTOR)) {
        shared.deltas[2 * v][threadIdx.x] = make_float4(d[0], d[1], d[2], d[3]);
        shared.deltas[2 * v + 1][threadIdx.x] = make_float4(d[4], d[5], d[6], d[7]);
    }
}

// The first look in a whole block of operands of one type: all vectors of a model are loaded before the first is used,
// and the base stays in registers.
template <class S>
struct whole_block {
    typename S::raw base[kScanVectors];

    INGOT_DEVICE explicit whole_block(const ingot_gpu_scan_args &args) { load(args.base, base); }

    static INGOT_DEVICE void load(const ingot_operand &operand, typename S::raw (&raw)[kScanVectors]) {
#pragma unroll
        for (int v = 0; v < kScanVectors; v++) raw[v] = S::load(operand, scan_first() + v * kScanStride);
    }

    INGOT_DEVICE scan_finds look(const ingot_gpu_scan_args &args, const ingot_operand &model,
                                 const scan_bracket &bracket, scan_shared &shared) const {
        typename S::raw raw[kScanVectors];
        load(model, raw);
        scan_finds finds = {};
#pragma unroll
        for (int v = 0; v < kScanVectors; v++) {
            look_at_vector<S>(base[v], args.base.dtype, raw[v], model.dtype, bracket, v, INGOT_GPU_VECTOR, finds,
                shared);
        }
        return finds;
    }
};

// The first look in other blocks, vector by vector: any types, any number of elements.
template <class S>
struct partial_block {
    INGOT_DEVICE explicit partial_block(const ingot_gpu_scan_args &) {}

    INGOT_DEVICE scan_finds look(const ingot_gpu_scan_args &args, const ingot_operand &model,
                                 const scan_bracket &bracket, scan_shared &shared) const {
        scan_finds finds = {};
#pragma unroll 1
        for (int v = 0; v < kScanVectors; v++) {
            const int64_t index = scan_first() + v * kScanStride;
            if (index >= args.count) break;
            const typename S::raw base = S::load(args.base, index);
            const typename S::raw raw = S::load(model, index);
            look_at_vector<S>(base, args.base.dtype, raw, model.dtype, bracket, v, args.count - index, finds, shared);
        }
        return finds;
    }
};

template <class Block>
INGOT_DEVICE void scan_block(const ingot_gpu_scan_args &args, scan_shared &shared) {
    const Block block(args);
    for (int t = 0; t < args.term_count; t++) {
        const ingot_select_term &term = args.terms[t];
        const scan_bracket bracket(term.low, term.high);
        scan_finds finds = block.look(args, term.model, bracket, shared);
        finds.look_again(bracket, shared);

        ingot_gpu_scan_counts *const found = shared.found[t & 1];
        const scan_places places(finds.elements);
        const uint32_t above = warp_sum(finds.above);
        const uint32_t at_ends = warp_sum(finds.at_ends);
        if ((threadIdx.x & 31) == 0) found[threadIdx.x / 32] = {above, at_ends & 0xffff, places.total, at_ends >> 16};
        __syncthreads();

        if (finds.elements) {
            int32_t *staged = args.staged + (t * args.blocks + blockIdx.x) * INGOT_GPU_SELECT_SCAN_ELEMENTS;
#pragma unroll
            for (unsigned w = 0; w < kScanWarps - 1; w++) staged += w < threadIdx.x / 32 ? found[w].inside : 0;
            for (uint32_t left = finds.elements; left;) {
                const set_member next(left);
                staged[places.of(next, finds.elements)] = scan_finds::key_of(shared, next.element);
                left ^= next.bit;
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
        scan_block<whole_block<S>>(args, shared);
    } else {
        scan_block<partial_block<S>>(args, shared);
    }
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL(ingot_gpu_select_scan, ingot_gpu_scan_args, INGOT_GPU_SELECT_SCAN_THREADS) {
    using namespace INGOT_NAMESPACE;
    __shared__ scan_shared shared;
    scan_block<partial_block<any_vector>>(args, shared);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_select_scan_bf16, ingot_gpu_scan_args, INGOT_GPU_SELECT_SCAN_THREADS, 3) {
    __shared__ INGOT_NAMESPACE::scan_shared shared;
    INGOT_NAMESPACE::select_scan<INGOT_NAMESPACE::bf16_vector>(args, shared);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_select_scan_f16, ingot_gpu_scan_args, INGOT_GPU_SELECT_SCAN_THREADS, 3) {
    __shared__ INGOT_NAMESPACE::scan_shared shared;
    INGOT_NAMESPACE::select_scan<INGOT_NAMESPACE::f16_vector>(args, shared);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_select_scan_f32, ingot_gpu_scan_args, INGOT_GPU_SELECT_SCAN_THREADS, 2) {
    __shared__ INGOT_NAMESPACE::scan_shared shared;
    INGOT_NAMESPACE::select_scan<INGOT_NAMESPACE::f32_vector>(args, shared);
}
