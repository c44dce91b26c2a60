// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What {@link VisionDemo} measured. Accuracies are in percent and in the order of the tasks. Immutable.
 *
 * @param tasks      names of the tasks
 * @param testImages number of test images of all tasks together
 * @param base       the model that the experts began as
 * @param experts    every expert on its own task
 * @param merges     the merged models, each on all tasks
 */
public record DemoResult(List<String> tasks, int testImages, Row base, Row experts, List<Row> merges) {
    /** Copies the lists and checks that all rows have as many accuracies as there are tasks. */
    public DemoResult {
        tasks = List.copyOf(tasks);
        merges = List.copyOf(merges);
        int expected = tasks.size();
        boolean even = base.accuracies().size() == expected && experts.accuracies().size() == expected
                && merges.stream().allMatch(row -> row.accuracies().size() == expected);
        if (!even) {
            throw new IllegalArgumentException("a row has not " + expected + " accuracies");
        }
    }

    /**
     * One model, or the experts taken together.
     *
     * @param name       what to call it
     * @param accuracies in percent, one per task
     * @param seconds    how long the merge took; empty if nothing was merged
     */
    public record Row(String name, List<Double> accuracies, OptionalDouble seconds) {
        /** Copies the list. */
        public Row {
            accuracies = List.copyOf(accuracies);
        }

        /** Mean over the tasks, in percent; 0 without tasks. */
        public double mean() {
            return accuracies.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }
    }

    /**
     * Mean over the tasks of the row's accuracy divided by the expert's, in percent: what the merge has kept of the
     * experts' skill. NaN if an expert is never right.
     */
    public double normalised(Row row) {
        double sum = 0;
        for (int i = 0; i < tasks.size(); i++) {
            sum += 100 * row.accuracies().get(i) / experts.accuracies().get(i);
        }
        return sum / tasks.size();
    }
}
