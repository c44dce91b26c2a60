// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What {@link QualityBench} measured. Immutable.
 *
 * @param kind      the kind of family
 * @param unit      what scores are
 * @param digits    digits after the point that scores are shown with
 * @param tolerance how far scores may be from a reference and still agree with it
 * @param tasks     the columns
 * @param rows      the measured rows
 */
public record QualityResult(
        String kind, String unit, int digits, double tolerance, List<String> tasks, List<Row> rows) {
    /** For scores that are whole numbers of images, read from a file of rounded numbers. */
    private static final double ROUNDING = 1e-4;

    /** Copies the lists. */
    public QualityResult {
        tasks = List.copyOf(tasks);
        rows = List.copyOf(rows);
    }

    /**
     * A measured row.
     *
     * @param name         what it is called
     * @param method       what rows are called that differ in their seed only
     * @param lambdas      the one lambda, or one for each task, as written; empty if there is none
     * @param seed         seed of random masks; empty if nothing is random
     * @param scores       one per task
     * @param mean         mean over the tasks that have an expert
     * @param normalised   mean of scores relative to the experts', in percent
     * @param calibration  mean on the data that lambda was chosen on; empty if it was not chosen
     * @param mergeSeconds how long one merge took; empty if nothing was merged
     * @param seconds      how long everything took: all merges and evaluations
     * @param reference    the row of the reference table that it reproduces
     */
    public record Row(String name, String method, List<String> lambdas, OptionalLong seed, List<Double> scores,
            double mean, OptionalDouble normalised, OptionalDouble calibration, OptionalDouble mergeSeconds,
            double seconds, Optional<Reference> reference) {
        /** Copies the lists. */
        public Row {
            lambdas = List.copyOf(lambdas);
            scores = List.copyOf(scores);
        }

        /** The lambda or the range of lambdas; empty if there is none. */
        public String lambda() {
            List<String> values = lambdas.stream().distinct().toList();
            return values.size() < 2 ? String.join("", values)
                    : values.stream().min((a, b) -> Double.compare(Double.parseDouble(a), Double.parseDouble(b)))
                            .orElseThrow() + " to "
                            + values.stream().max((a, b) -> Double.compare(Double.parseDouble(a), Double.parseDouble(b)))
                                    .orElseThrow();
        }

        /** The largest distance of a score from its reference; empty without a reference. */
        public OptionalDouble largestDifference() {
            if (reference.isEmpty()) {
                return OptionalDouble.empty();
            }
            double largest = 0;
            for (int i = 0; i < scores.size(); i++) {
                largest = Math.max(largest, Math.abs(scores.get(i) - reference.get().scores().get(i)));
            }
            return OptionalDouble.of(largest);
        }
    }

    /**
     * A row of a reference table.
     *
     * @param name   what it is called there
     * @param scores one per task
     * @param mean   mean over the tasks that have an expert
     * @param lambda the lambda that was used; empty if the table does not say
     */
    public record Reference(String name, List<Double> scores, double mean, OptionalDouble lambda) {
        /** Copies the list. */
        public Reference {
            scores = List.copyOf(scores);
        }
    }

    /** The rows that have a reference and depend on no random draw, so that they must agree with it. */
    public List<Row> comparable() {
        return rows.stream().filter(row -> row.reference().isPresent() && row.seed().isEmpty()).toList();
    }

    /** Whether every score of a row is within the tolerance of its reference. */
    public boolean agrees(Row row) {
        return row.largestDifference().orElse(Double.POSITIVE_INFINITY) <= tolerance + ROUNDING * tolerance;
    }
}
