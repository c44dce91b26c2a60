// SPDX-License-Identifier: Apache-2.0

// The checked longjmp takes a jump to another stack for a mistake.
#undef _FORTIFY_SOURCE
#include "fibers.h"

#include <sys/mman.h>

#include <new>

namespace ingot_shim {

namespace {

constexpr size_t stack_size = 128 << 10;
// Below each stack, for an overflow to end there.
constexpr size_t guard_size = 64 << 10;
// Between the tops of neighbouring stacks, so that they do not fall on the same lines of the cache.
constexpr size_t cache_offset = 5 * 64;

// The pool whose fiber starts: makecontext passes only ints.
fiber_pool *starting;

}  // namespace

fiber_pool::fiber_pool(int count, void (*body)(int))
    : body_(body), fibers_((size_t)count), stacks_size_((size_t)count * (stack_size + guard_size)) {
    void *stacks = mmap(nullptr, stacks_size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED) throw std::bad_alloc();
    stacks_ = (char *)stacks;
}

fiber_pool::~fiber_pool() { munmap(stacks_, stacks_size_); }

void fiber_pool::start() {
    fiber_pool *pool = starting;
    pool->body_(pool->running_);
}

void fiber_pool::enter(int index) {
    fiber &next = fibers_[(size_t)index];
    running_ = index;
    if (_setjmp(entered_)) return;
    if (next.started) _longjmp(next.state, 1);
    next.started = true;
    char *stack = stacks_ + (size_t)index * (stack_size + guard_size) + guard_size;
    if (mprotect(stack, stack_size, PROT_READ | PROT_WRITE)) throw std::bad_alloc();
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack;
    context_.uc_stack.ss_size = stack_size - (size_t)(index % 64) * cache_offset;
    context_.uc_link = nullptr;
    makecontext(&context_, start, 0);
    starting = this;
    setcontext(&context_);
}

void fiber_pool::leave() {
    if (_setjmp(fibers_[(size_t)running_].state)) return;
    _longjmp(entered_, 1);
}

void fiber_pool::restart() {
    for (fiber &each : fibers_) each.started = false;
}

}  // namespace ingot_shim
