// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.ffi.LargeMemory;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import dev.ingot.kernel.WeightedSum;
import dev.ingot.linalg.FactorisationException;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.SpectrumFacts;
import dev.ingot.linalg.Svd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What one thread computes spectra with: a lane of kernels, linear algebra and memory for the largest tensor. */
final class SpectrumLane implements AutoCloseable {
    private static final WeightedSum DIFFERENCE = new WeightedSum(List.of(1f, -1f));

    /** Singular values below this, relative to the largest, are rounding: they have no direction to compare. */
    private static final double NO_DIRECTION = 1e-6;

    private final Lane lane;
    private final LinearAlgebra algebra;
    private final InputFiles inputs;
    private final long tileElements;
    private final Progress progress;
    private final Runnable checkpoint;

    /** @param checkpoint is run between tiles and matrices, and throws if work is to end */
    SpectrumLane(Backend backend, long memory, InputFiles inputs, Progress progress, Runnable checkpoint) {
        this.lane = new Lane(backend, backend.needs().memory(), 1);
        this.algebra = LinearAlgebra.open(memory);
        this.inputs = inputs;
        this.tileElements = backend.needs().tileElements();
        this.progress = progress;
        this.checkpoint = checkpoint;
    }

    TensorSpectrum compute(SpectrumTask task, int listed) {
        List<Optional<SpectrumFacts>> facts = new ArrayList<>();
        List<Optional<Matrix>> vectors = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            Matrix values = Matrix.ofRows(
                    LargeMemory.allocate(arena, Matrix.bytes(task.rows(), task.cols(), Precision.F32), 64),
                    task.rows(), task.cols(), Precision.F32);
            Matrix s = Matrix.allocate(arena, values.smaller(), 1, Precision.F32);
            for (Optional<TensorRef> tensor : task.models()) {
                Optional<SpectrumFacts> fact = Optional.empty();
                Optional<Matrix> left = Optional.empty();
                if (tensor.isPresent()) {
                    read(task, tensor.get(), values.data());
                    checkpoint.run();
                    // Stored row by row the matrix is its transpose, so what is left for it is right for the view.
                    Svd svd = new Svd(
                            values.columns(0),
                            s,
                            Matrix.allocate(arena, task.rows(), task.left(), Precision.F32));
                    try {
                        algebra.svd(values, svd);
                        fact = Optional.of(SpectrumFacts.of(s, listed));
                        left = Optional.of(svd.v().columns(directions(s, task.left())));
                    } catch (FactorisationException e) {
                        faults.add(tensor.get().file() + ": tensor '" + task.name() + "' " + e.getMessage());
                    }
                    inputs.release(tensor.get());
                }
                facts.add(fact);
                vectors.add(left);
            }
            task.base().ifPresent(inputs::release);
            progress.finished(task.name());
            return new TensorSpectrum(task, facts, task.left() > 0 ? overlaps(vectors, arena) : List.of(), faults);
        }
    }

    private static int directions(Matrix s, int most) {
        int count = 0;
        while (count < most && s.get(count, 0) > NO_DIRECTION * s.get(0, 0)) {
            count++;
        }
        return count;
    }

    private List<OptionalDouble> overlaps(List<Optional<Matrix>> vectors, Arena arena) {
        List<OptionalDouble> overlaps = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            for (int j = 0; j <= i; j++) {
                int k = Math.min(vectors.get(i).map(Matrix::cols).orElse(0), vectors.get(j).map(Matrix::cols).orElse(0));
                if (k == 0) {
                    overlaps.add(OptionalDouble.empty());
                    continue;
                }
                Matrix product = Matrix.allocate(arena, k, k, Precision.F32);
                algebra.gemm(1, vectors.get(i).orElseThrow().columns(k), true, vectors.get(j).orElseThrow().columns(k),
                        false, 0, product);
                overlaps.add(OptionalDouble.of(algebra.dot(product, product) / k));
            }
        }
        return overlaps;
    }

    /** Widens a tensor to float32, less the base. */
    private void read(SpectrumTask task, TensorRef tensor, MemorySegment into) {
        long elements = tensor.elements();
        for (long start = 0; start < elements; start += tileElements) {
            checkpoint.run();
            long count = Math.min(tileElements, elements - start);
            Operand values = operand(tensor, start, count, 0);
            Operand target = new Operand(into.asSlice(start * Float.BYTES, count * Float.BYTES), Dtype.F32);
            if (task.base().isPresent()) {
                Operand base = operand(task.base().get(), start, count, 1);
                lane.kernels().weightedSum(
                        DIFFERENCE, new Tile(start, count, Optional.empty(), List.of(values, base)), target);
            } else {
                lane.kernels().convert(values, target, count);
            }
        }
    }

    private Operand operand(TensorRef tensor, long start, long count, int buffer) {
        int width = tensor.dtype().bytes();
        progress.read(count * width);
        return new Operand(
                inputs.read(tensor, start * width, count * width, lane, Lane.INPUTS + buffer), tensor.dtype());
    }

    @Override
    public void close() {
        try {
            lane.close();
        } finally {
            algebra.close();
        }
    }
}
