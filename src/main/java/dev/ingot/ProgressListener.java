// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

/** Hears how far a merge is. */
@FunctionalInterface
public interface ProgressListener {
    /** Hears nothing. */
    ProgressListener NONE = progress -> {};

    /**
     * Called about ten times a second and once at the end, always on the same thread, which is not the caller's. What it throws
     * is logged and does not disturb the merge.
     */
    void progress(MergeProgress progress);
}
