// SPDX-License-Identifier: Apache-2.0
//
// Inputs may be mappings of files that become shorter while they are read: the access then raises SIGBUS. A kernel runs
// with a way out for its thread, so that the caller gets INGOT_INPUT_FAULT instead of a dead process.
#ifndef INGOT_GUARD_H
#define INGOT_GUARD_H

#include <stdint.h>

// Runs body(state) and returns INGOT_OK, or INGOT_INPUT_FAULT where it was left at a fault: body must own nothing but
// its stack.
int32_t ingot_guarded(void (*body)(void *), void *state);

#endif
