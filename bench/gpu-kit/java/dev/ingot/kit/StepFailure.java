// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

/** A step did not do what it must. */
final class StepFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StepFailure(String message) {
        super(message);
    }
}
