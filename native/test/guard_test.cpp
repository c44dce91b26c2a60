// SPDX-License-Identifier: Apache-2.0
//
// A mapped file becomes shorter under the kernels: each call ends with INGOT_INPUT_FAULT, on several threads and again
// and again, and faults outside kernels still reach the handler that was there before.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

namespace {

constexpr size_t kBytes = 1 << 20;
char *mapped;
sigjmp_buf outside;
volatile sig_atomic_t outer_calls = 0;

void outer_handler(int, siginfo_t *info, void *) {
    if (info->si_addr >= mapped && info->si_addr < mapped + kBytes) {
        outer_calls = outer_calls + 1;
        siglongjmp(outside, 1);
    }
    _exit(3);
}

int32_t read_all() {
    std::vector<char> out(2 * kBytes);
    const ingot_convert_args args = {{mapped, INGOT_BF16, 0}, {out.data(), INGOT_F32, 0}, kBytes / 2};
    return ingot_convert(&args);
}

int32_t merge_all() {
    std::vector<char> out(kBytes);
    const ingot_delta_term term = {{mapped, INGOT_BF16, 0}, {INGOT_MASK_MAGNITUDE, 5, 0, 0, 0, 0}, 1, 1};
    const ingot_delta_merge_args args = {
        {mapped, INGOT_BF16, 0}, {out.data(), INGOT_BF16, 0}, &term, 0, kBytes / 2, 1, 1, 1, 1, 1, 0};
    return ingot_delta_merge(&args);
}

void *on_thread(void *) {
    intptr_t faults = 0;
    for (int i = 0; i < 100; i++) faults += (read_all() == INGOT_INPUT_FAULT) + (merge_all() == INGOT_INPUT_FAULT);
    return (void *)faults;
}

}  // namespace

int main() {
    // As in a JVM: a handler is there before the library's.
    struct sigaction outer = {};
    outer.sa_sigaction = outer_handler;
    outer.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &outer, nullptr);

    char path[] = "/tmp/ingot_guard_XXXXXX";
    const int file = mkstemp(path);
    CHECK(file >= 0, "mkstemp");
    unlink(path);
    CHECK(ftruncate(file, kBytes) == 0, "ftruncate");
    mapped = (char *)mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, file, 0);
    CHECK(mapped != MAP_FAILED, "mmap");
    CHECK(read_all() == INGOT_OK, "whole file");
    CHECK(ftruncate(file, 5000) == 0, "ftruncate");
    for_each_isa([](const char *isa) {
        for (int i = 0; i < 3; i++) {
            CHECK(read_all() == INGOT_INPUT_FAULT, "%s convert", isa);
            CHECK(merge_all() == INGOT_INPUT_FAULT, "%s merge", isa);
        }
    });
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    CHECK(!sigismember(&blocked, SIGBUS), "SIGBUS is left blocked");

    pthread_t threads[4];
    for (pthread_t &thread : threads) pthread_create(&thread, nullptr, on_thread, nullptr);
    for (pthread_t &thread : threads) {
        void *faults;
        pthread_join(thread, &faults);
        CHECK((intptr_t)faults == 200, "%d of 200 calls faulted", (int)(intptr_t)faults);
    }

    for (int i = 1; i <= 2; i++) {
        // The outer handler leaves by a jump, so the mask is saved here.
        if (!sigsetjmp(outside, 1)) {
            volatile char touched = mapped[kBytes - 1];
            (void)touched;
        }
        CHECK(outer_calls == i, "the previous handler was called %d times", (int)outer_calls);
    }
    CHECK(ftruncate(file, kBytes) == 0 && read_all() == INGOT_OK, "whole again");
    return finish("guard");
}
