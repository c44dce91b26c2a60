// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.time.Duration;

/**
 * How far a merge is. Reading and writing overlap.
 *
 * @param bytesRead    input bytes read so far, counting each pass
 * @param bytesToRead  input bytes to read in all, as planned
 * @param bytesWritten output bytes computed and written so far
 * @param bytesToWrite output bytes in all
 * @param tensor       the tensor that was finished last, empty at the start
 * @param matrix       the tensor on which a computation of whole matrices is going on, empty if there is none; of several
 *                     the one of which something was heard last
 * @param matrixShare  how much of that computation is done, from 0 to 1; a method that reads the model several times begins anew
 *                     with each pass
 * @param elapsed      time since the start
 */
public record MergeProgress(
        long bytesRead,
        long bytesToRead,
        long bytesWritten,
        long bytesToWrite,
        String tensor,
        String matrix,
        double matrixShare,
        Duration elapsed) {
    /** Share of the work that is done, from 0 to 1. */
    public double fraction() {
        long total = bytesToRead + bytesToWrite;
        return total == 0 ? 1 : Math.min(1, (double) (bytesRead + bytesWritten) / total);
    }
}
