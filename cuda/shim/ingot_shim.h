/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests ask of the emulated CUDA driver, cuBLAS and cuSOLVER beside their own functions. Safe to call from any thread.
 *
 * Settings are environment variables; ingot_shim_set puts a value over one, null takes it away again:
 *   INGOT_SHIM_ORDER           forward (default), reverse or shuffle:SEED: order of blocks, warps and lanes
 *   INGOT_SHIM_DEVICES         number of devices, 0 to 8, default 1
 *   INGOT_SHIM_MEMORY          bytes of each device, default 1 GiB
 *   INGOT_SHIM_DRIVER_VERSION  as cuDriverGetVersion gives it, default 13000
 *   INGOT_SHIM_CAPABILITY      compute capability, default 90
 *   INGOT_SHIM_FAIL            FUNCTION:NTH:ERROR,...: as ingot_shim_fail, from the start; environment only
 */
#ifndef INGOT_SHIM_H
#define INGOT_SHIM_H

#include <stdint.h>

#define INGOT_SHIM_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

INGOT_SHIM_API void ingot_shim_set(const char *name, const char *value);

/*
 * Makes the nth call from now on (1 = the next) of a driver function, by its exported name, return this error without
 * doing anything; with a kernel's name the nth execution of the kernel. Errors that make a CUDA context useless do so.
 */
INGOT_SHIM_API void ingot_shim_fail(const char *function, int nth, int error);

/* Device and pinned host memory not freed, also by contexts that have ended. */
INGOT_SHIM_API int64_t ingot_shim_live_allocations(void);
/* Streams, events, libraries, handles of cuBLAS and cuSOLVER not destroyed, also by contexts that have ended. */
INGOT_SHIM_API int64_t ingot_shim_live_handles(void);
/* Copies so far from or to host memory that was not pinned. */
INGOT_SHIM_API int64_t ingot_shim_pageable_copies(void);
/* What the last fault was, in words; empty when there was none. Valid until the next call of it on any thread. */
INGOT_SHIM_API const char *ingot_shim_last_fault(void);
/* As if the process began: no contexts, memory, handles, settings or faults. */
INGOT_SHIM_API void ingot_shim_reset(void);

#ifdef __cplusplus
}
#endif

#endif
