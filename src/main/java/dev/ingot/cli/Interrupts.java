// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

/** Tells when the user wants to stop. */
@FunctionalInterface
interface Interrupts {
    /** Runs the action, on another thread, when the user wants to stop. */
    void onInterrupt(Runnable action);
}
