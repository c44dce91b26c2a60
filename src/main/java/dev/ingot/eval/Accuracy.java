// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.error.CheckpointException;
import java.util.stream.IntStream;

/** Share of test images that a model classifies right. */
public final class Accuracy {
    /** Images that go through the model together; their widest activations take about 100 KB, so they stay in cache. */
    private static final int BATCH = 32;

    private Accuracy() {}

    /**
     * Accuracy in percent: the class with the highest score counts, the first one of equals. Runs on the common
     * fork-join pool; the result does not depend on the number of threads. 0 for a task without images.
     *
     * @throws CheckpointException if the task's images or head do not fit the model
     */
    public static double percent(MlpModel model, VisionTask task) {
        if (task.pixels() != model.inputs() || task.width() != model.width()) {
            throw new CheckpointException(
                    "task " + task.name() + " has images of " + task.pixels() + " pixels and a head for width "
                            + task.width() + ", but the model takes " + model.inputs() + " and has width "
                            + model.width(),
                    "Evaluate a model with the tasks of its own family.");
        }
        int batches = Math.ceilDiv(task.size(), BATCH);
        int right = IntStream.range(0, batches).parallel()
                .map(batch -> countRight(model, task, batch * BATCH, Math.min((batch + 1) * BATCH, task.size())))
                .sum();
        return task.size() == 0 ? 0 : 100.0 * right / task.size();
    }

    private static int countRight(MlpModel model, VisionTask task, int from, int to) {
        float[][] logits = task.logits(model.features(task.images(from, to)));
        return (int) IntStream.range(from, to).filter(i -> argmax(logits[i - from]) == task.label(i)).count();
    }

    private static int argmax(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[best]) {
                best = i;
            }
        }
        return best;
    }
}
