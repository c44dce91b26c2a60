// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import java.io.IOException;
import java.util.Map;

/** One thing that {@code gpu-check} does. */
interface Step {
    /** Its name, for {@code --steps}. */
    String name();

    /** Most seconds that it may take. */
    int seconds(boolean quick);

    /**
     * Does it.
     *
     * @param earlier facts of the steps before it, by name
     * @throws StepFailure if it fails
     */
    Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier) throws IOException, InterruptedException;

    /** How a step ended. */
    enum State {
        /** It did all it must. */
        PASSED,
        /** It could not, or found a fault. */
        FAILED,
        /** Something that it needs is not on this machine. */
        SKIPPED
    }

    /**
     * What came of it.
     *
     * @param state   how it ended
     * @param summary one line
     * @param facts   what goes into the JSON file
     */
    record Outcome(State state, String summary, Map<String, Object> facts) {
        static Outcome passed(String summary, Map<String, Object> facts) {
            return new Outcome(State.PASSED, summary, facts);
        }

        static Outcome failed(String summary, Map<String, Object> facts) {
            return new Outcome(State.FAILED, summary, facts);
        }

        static Outcome skipped(String summary) {
            return new Outcome(State.SKIPPED, summary, Map.of());
        }
    }

    /** The time that a step has left. */
    record Clock(long end) {
        static Clock of(double seconds) {
            return new Clock(System.nanoTime() + (long) (seconds * 1e9));
        }

        /** Milliseconds until its end, at least 1. */
        long millis() {
            return Math.max(1, (end - System.nanoTime()) / 1_000_000);
        }

        /** The same, but not more than this. */
        long millis(double most) {
            return Math.min(millis(), (long) (most * 1000));
        }
    }
}
