// SPDX-License-Identifier: Apache-2.0
//
// Atomic operations: threads of a block take turns and never run at once, so plain code is atomic. Overloads as in CUDA:
// there is no atomicAdd of long long.
#ifndef INGOT_SHIM_ATOMICS_H
#define INGOT_SHIM_ATOMICS_H

#define INGOT_SHIM_ATOMIC(name, type, result)            \
    static inline type name(type *address, type value) { \
        const type old = *address;                       \
        *address = (type)(result);                       \
        return old;                                      \
    }

INGOT_SHIM_ATOMIC(atomicAdd, int, (unsigned)old + (unsigned)value)
INGOT_SHIM_ATOMIC(atomicAdd, unsigned, old + value)
INGOT_SHIM_ATOMIC(atomicAdd, unsigned long long, old + value)
INGOT_SHIM_ATOMIC(atomicAdd, float, old + value)
INGOT_SHIM_ATOMIC(atomicAdd, double, old + value)
INGOT_SHIM_ATOMIC(atomicSub, int, (unsigned)old - (unsigned)value)
INGOT_SHIM_ATOMIC(atomicSub, unsigned, old - value)
INGOT_SHIM_ATOMIC(atomicMin, int, value < old ? value : old)
INGOT_SHIM_ATOMIC(atomicMin, unsigned, value < old ? value : old)
INGOT_SHIM_ATOMIC(atomicMin, long long, value < old ? value : old)
INGOT_SHIM_ATOMIC(atomicMin, unsigned long long, value < old ? value : old)
INGOT_SHIM_ATOMIC(atomicMax, int, value > old ? value : old)
INGOT_SHIM_ATOMIC(atomicMax, unsigned, value > old ? value : old)
INGOT_SHIM_ATOMIC(atomicMax, long long, value > old ? value : old)
INGOT_SHIM_ATOMIC(atomicMax, unsigned long long, value > old ? value : old)
INGOT_SHIM_ATOMIC(atomicOr, int, old | value)
INGOT_SHIM_ATOMIC(atomicOr, unsigned, old | value)
INGOT_SHIM_ATOMIC(atomicOr, unsigned long long, old | value)
INGOT_SHIM_ATOMIC(atomicAnd, int, old &value)
INGOT_SHIM_ATOMIC(atomicAnd, unsigned, old &value)
INGOT_SHIM_ATOMIC(atomicAnd, unsigned long long, old &value)
INGOT_SHIM_ATOMIC(atomicExch, int, value)
INGOT_SHIM_ATOMIC(atomicExch, unsigned, value)
INGOT_SHIM_ATOMIC(atomicExch, unsigned long long, value)

#undef INGOT_SHIM_ATOMIC

#define INGOT_SHIM_COMPARE_AND_SWAP(type)                                     \
    static inline type atomicCAS(type *address, type expected, type value) { \
        const type old = *address;                                            \
        if (old == expected) *address = value;                                \
        return old;                                                           \
    }

INGOT_SHIM_COMPARE_AND_SWAP(int)
INGOT_SHIM_COMPARE_AND_SWAP(unsigned)
INGOT_SHIM_COMPARE_AND_SWAP(unsigned long long)

#undef INGOT_SHIM_COMPARE_AND_SWAP

// All writes of a thread are seen by the others at once.
static inline void __threadfence() {}
static inline void __threadfence_block() {}

#endif
