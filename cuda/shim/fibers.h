// SPDX-License-Identifier: Apache-2.0
//
// Stacks that take turns on one thread of the system. A switch is a setjmp and a longjmp: no system call.
#ifndef INGOT_SHIM_FIBERS_H
#define INGOT_SHIM_FIBERS_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include <vector>

#include "memory.h"

namespace ingot_shim {

// Not thread-safe; fibers may be entered by one thread of the system now and by another one later.
class fiber_pool {
public:
    // body(fiber) is what each fiber runs; it must never return.
    fiber_pool(int count, void (*body)(int fiber));
    ~fiber_pool();
    fiber_pool(const fiber_pool &) = delete;
    fiber_pool &operator=(const fiber_pool &) = delete;

    // Runs a fiber until it leaves.
    void enter(int fiber);
    // From within a fiber: returns to where it was entered; goes on here when it is entered again.
    void leave();
    // All fibers begin anew; for after a failure. Not from within a fiber.
    void restart();

    // All stacks together.
    region stacks() const { return {(uintptr_t)stacks_, stacks_size_}; }

private:
    struct fiber {
        jmp_buf state;
        bool started = false;
    };

    static void start();

    void (*const body_)(int);
    std::vector<fiber> fibers_;
    char *stacks_;
    size_t stacks_size_;
    ucontext_t context_;
    jmp_buf entered_;
    int running_ = -1;
};

}  // namespace ingot_shim

#endif
