// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.WorkSpace;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The closed form of steps towards the least {@linkplain Interference interference}: X = S - V diag(f(l) / l) V^T (C S - D), where
 * C = V diag(l) V^T, f is a filter of the eigenvalues and S the start. In float64, as small eigenvalues are divided by.
 *
 * @param shape  of the tensor
 * @param filter f
 * @param rank   how many directions are used
 * @param start  what the sum of the task vectors is multiplied by at the start
 * @param least  eigenvalues below this count as this
 */
public record WudiSpectrum(MatrixShape shape, SpectralFilter filter, SpectralRank rank, double start, double least)
        implements MatrixProgram {
    private Interference interference() {
        return new Interference(shape, true, Precision.F64);
    }

    private Panels panels() {
        return Panels.of(shape.m());
    }

    @Override
    public MatrixNeeds needs() {
        int n = shape.n();
        long width = panels().width(0);
        MatrixNeeds solve = new MatrixNeeds(
                interference().left() + MatrixNeeds.of(n, 1, Precision.F64),
                MatrixNeeds.of(n, width, Precision.F64) + MatrixNeeds.of(n, 1, Precision.F64),
                WorkSpace.eigh(n, Precision.F64));
        return interference().needs().or(solve);
    }

    @Override
    public int parts() {
        return interference().parts() + 3;
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        return interference().stages(space, terms -> residual(terms, space));
    }

    /** D becomes C S - D. */
    private MatrixStep residual(Interference.Terms terms, MatrixSpace space) {
        return new MatrixStep.Stage(
                panels().count(),
                (panel, lane) -> {
                    Matrix d = panels().of(terms.d(), panel);
                    Matrix first = lane.temporary(d.rows(), d.cols(), Precision.F64);
                    lane.algebra().copy(panels().of(terms.sum(), panel), first);
                    lane.algebra().gemm(start, terms.c(), false, first, false, -1, d);
                },
                () -> decompose(terms, space));
    }

    /** C becomes V diag(sqrt(f(l) / l)). */
    private MatrixStep decompose(Interference.Terms terms, MatrixSpace space) {
        Matrix values = space.keep(shape.n(), 1, Precision.F64);
        int[] used = new int[1];
        return new MatrixStep.Stage(
                1,
                (task, lane) -> {
                    lane.algebra().eigh(terms.c(), values);
                    used[0] = weigh(values);
                    lane.algebra().scaleColumns(terms.c(), values);
                },
                () -> solve(terms, used[0]));
    }

    /** Replaces ascending eigenvalues by the factors of their vectors; how many, from the end, are used. */
    private int weigh(Matrix values) {
        int n = values.rows();
        double[] eigenvalues = new double[n];
        for (int i = 0; i < n; i++) {
            eigenvalues[i] = Math.max(least, values.get(i, 0));
        }
        DoubleUnaryOperator passing = filter.of(eigenvalues[n - 1]);
        for (int i = 0; i < n; i++) {
            values.set(i, 0, Math.sqrt(passing.applyAsDouble(eigenvalues[i]) / eigenvalues[i]));
        }
        return rank.of(eigenvalues);
    }

    private MatrixStep solve(Interference.Terms terms, int used) {
        Matrix vectors = terms.c().block(0, shape.n() - used, shape.n(), used);
        return new MatrixStep.Stage(
                panels().count(),
                (panel, lane) -> {
                    lane.requireGoing();
                    Matrix residual = panels().of(terms.d(), panel);
                    Matrix sum = panels().of(terms.sum(), panel);
                    Matrix along = lane.temporary(used, residual.cols(), Precision.F64);
                    lane.algebra().gemm(1, vectors, true, residual, false, 0, along);
                    lane.algebra().copy(sum, residual);
                    lane.algebra().gemm(-1, vectors, false, along, false, start, residual);
                    lane.algebra().copy(residual, sum);
                },
                () -> new MatrixStep.Done(List.of(terms.sum())));
    }
}
