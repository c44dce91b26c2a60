// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.TensorRef;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.WorkSpace;
import java.util.List;
import java.util.Optional;

/**
 * One tensor of which the singular values are wanted.
 *
 * @param name   its name
 * @param rows   its first dimension
 * @param cols   its second dimension
 * @param base   what is subtracted from the models' values
 * @param models where it is in each model, empty if a model lacks it
 * @param left   how many leading left singular vectors of the models are compared; 0 if they are not
 */
public record SpectrumTask(
        String name, int rows, int cols, Optional<TensorRef> base, List<Optional<TensorRef>> models, int left) {
    /** Copies the list. */
    public SpectrumTask {
        models = List.copyOf(models);
    }

    /** Bytes that are read. */
    long bytes() {
        long bytes = 0;
        for (Optional<TensorRef> model : models) {
            bytes += model.map(tensor -> tensor.bytes() + base.map(TensorRef::bytes).orElse(0L)).orElse(0L);
        }
        return bytes;
    }

    /** Memory of the values, the results and the factorisation; asks OpenBLAS. */
    public long memory() {
        long kept = left == 0 ? 0 : models.size() * Matrix.bytes(rows, left, Precision.F32)
                + Matrix.bytes(left, left, Precision.F32);
        return Matrix.bytes(rows, cols, Precision.F32)
                + Matrix.bytes(Math.min(rows, cols), 1, Precision.F32)
                + kept
                + WorkSpace.svd(cols, rows, left, Precision.F32);
    }
}
