// SPDX-License-Identifier: Apache-2.0
//
// What threads do together: barriers of the block; shuffles, votes and barriers of the warp. Stricter than CUDA where
// CUDA leaves results undefined: see executor.h.
#ifndef INGOT_SHIM_COLLECTIVES_H
#define INGOT_SHIM_COLLECTIVES_H

#include <stdint.h>
#include <string.h>

namespace ingot_shim {

enum class collective {
    none,
    block_barrier,
    block_count,
    block_and,
    block_or,
    warp_barrier,
    ballot,
    all,
    any,
    match_any,
    shuffle,
    shuffle_up,
    shuffle_down,
    shuffle_xor
};

struct call_site {
    const char *file;
    int line;
};

// Blocks the calling thread until all threads of its block, or of the mask in its warp, have made the same call at the
// same place; returns the calling thread's result.
uint64_t wait_for(collective kind, call_site site, unsigned mask, uint64_t value, int argument, int width);

template <class T>
inline T exchange(collective kind, call_site site, unsigned mask, T value, int argument, int width) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move 4 or 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    bits = wait_for(kind, site, mask, bits, argument, width);
    memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace ingot_shim

// The place of the call, as default arguments see it.
#define INGOT_SHIM_SITE ingot_shim::call_site site = {__builtin_FILE(), __builtin_LINE()}

static inline void __syncthreads(INGOT_SHIM_SITE) {
    ingot_shim::wait_for(ingot_shim::collective::block_barrier, site, 0, 0, 0, 0);
}

static inline int __syncthreads_count(int predicate, INGOT_SHIM_SITE) {
    return (int)ingot_shim::wait_for(ingot_shim::collective::block_count, site, 0, predicate != 0, 0, 0);
}

static inline int __syncthreads_and(int predicate, INGOT_SHIM_SITE) {
    return (int)ingot_shim::wait_for(ingot_shim::collective::block_and, site, 0, predicate != 0, 0, 0);
}

static inline int __syncthreads_or(int predicate, INGOT_SHIM_SITE) {
    return (int)ingot_shim::wait_for(ingot_shim::collective::block_or, site, 0, predicate != 0, 0, 0);
}

static inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, INGOT_SHIM_SITE) {
    ingot_shim::wait_for(ingot_shim::collective::warp_barrier, site, mask, 0, 0, 0);
}

static inline unsigned __ballot_sync(unsigned mask, int predicate, INGOT_SHIM_SITE) {
    return (unsigned)ingot_shim::wait_for(ingot_shim::collective::ballot, site, mask, predicate != 0, 0, 0);
}

static inline int __all_sync(unsigned mask, int predicate, INGOT_SHIM_SITE) {
    return (int)ingot_shim::wait_for(ingot_shim::collective::all, site, mask, predicate != 0, 0, 0);
}

static inline int __any_sync(unsigned mask, int predicate, INGOT_SHIM_SITE) {
    return (int)ingot_shim::wait_for(ingot_shim::collective::any, site, mask, predicate != 0, 0, 0);
}

template <class T>
static inline unsigned __match_any_sync(unsigned mask, T value, INGOT_SHIM_SITE) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "match compares 4 or 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    return (unsigned)ingot_shim::wait_for(ingot_shim::collective::match_any, site, mask, bits, 0, 0);
}

template <class T>
static inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, INGOT_SHIM_SITE) {
    return ingot_shim::exchange(ingot_shim::collective::shuffle, site, mask, value, source, width);
}

template <class T>
static inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, INGOT_SHIM_SITE) {
    return ingot_shim::exchange(ingot_shim::collective::shuffle_up, site, mask, value, (int)delta, width);
}

template <class T>
static inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, INGOT_SHIM_SITE) {
    return ingot_shim::exchange(ingot_shim::collective::shuffle_down, site, mask, value, (int)delta, width);
}

template <class T>
static inline T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, INGOT_SHIM_SITE) {
    return ingot_shim::exchange(ingot_shim::collective::shuffle_xor, site, mask, value, lanes, width);
}

#undef INGOT_SHIM_SITE

#endif
