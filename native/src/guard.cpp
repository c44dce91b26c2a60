// SPDX-License-Identifier: Apache-2.0
#include "guard.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

#include "ingot/ingot.h"

namespace {

// Initial-exec: reading it in a signal handler must not allocate, as the first access under the dynamic model may.
__attribute__((tls_model("initial-exec"))) thread_local sigjmp_buf *current_exit = nullptr;

struct sigaction previous;

// A fault outside kernels belongs to whoever handled it before, in a JVM to the virtual machine. Its handler sees the
// signal mask that it asked for; returning from ours restores the mask of the interrupted code.
void pass_on(int signal, siginfo_t *info, void *context) {
    if (!(previous.sa_flags & SA_SIGINFO) && (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN)) {
        // A fault cannot be ignored: without a handler the repeated access ends the process, as it would have without
        // us.
        struct sigaction fatal = {};
        fatal.sa_handler = SIG_DFL;
        sigaction(signal, &fatal, nullptr);
        // A signal that somebody sent does not come again by itself.
        if (info->si_code <= 0) raise(signal);
        return;
    }
    sigset_t blocked = previous.sa_mask;
    if (!(previous.sa_flags & SA_NODEFER)) sigaddset(&blocked, signal);
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    if (previous.sa_flags & SA_SIGINFO) {
        previous.sa_sigaction(signal, info, context);
    } else {
        previous.sa_handler(signal);
    }
}

void on_fault(int signal, siginfo_t *info, void *context) {
    // Positive codes come from the kernel for this thread's own access, others from kill().
    if (current_exit && info->si_code > 0) siglongjmp(*current_exit, 1);
    pass_on(signal, info, context);
}

void install() {
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    // Nothing is blocked in the handler, so that leaving it by a jump has no mask to restore. The virtual machine's
    // threads may have an alternate stack.
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, nullptr, &previous);
    sigaction(SIGBUS, &action, nullptr);
}

pthread_once_t installed = PTHREAD_ONCE_INIT;

}  // namespace

int32_t ingot_guarded(void (*body)(void *), void *state) {
    pthread_once(&installed, install);
    sigjmp_buf exit;
    // The signal mask is not saved: that would be a system call, and the handler blocks nothing.
    if (sigsetjmp(exit, 0)) {
        current_exit = nullptr;
        return INGOT_INPUT_FAULT;
    }
    current_exit = &exit;
    body(state);
    current_exit = nullptr;
    return INGOT_OK;
}
