// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.error.UsageException;
import java.util.Arrays;
import java.util.Locale;

/** How random numbers are made. */
public enum Rng {
    /** Each from its key and index, so that no tensor depends on others. */
    PHILOX,
    /** As mergekit draws them on the CPU: one sequence of MT19937 for the whole run. */
    MERGEKIT;

    private static final long MAX_SEED = (1L << 32) - 1;

    /**
     * The one with this name, in lower case.
     *
     * @throws UsageException if there is none
     */
    public static Rng parse(String name) {
        return Arrays.stream(values())
                .filter(rng -> rng.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "there is no random number generator '" + name + "'", "use philox or mergekit"));
    }

    /**
     * Checks that the seed is one for this generator.
     *
     * @throws UsageException if it is not
     */
    void check(long seed) {
        if (this == MERGEKIT && (seed < 0 || seed > MAX_SEED)) {
            throw new UsageException(
                    "random numbers of mergekit have seeds from 0 to " + MAX_SEED + ", and " + seed + " is given",
                    "change --random-seed, or leave --rng out");
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
