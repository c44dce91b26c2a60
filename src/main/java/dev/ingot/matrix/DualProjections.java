// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * DOP (Continual Model Merging without Data: Dual Projections for Balancing Stability and Plasticity): experts arrive one after
 * the other, and the merged delta x of the running model x_1 and the new one x_2 makes both
 * {@code ||diag(s) u^T (x - x_i)||^2 + ||(x - x_i) v diag(s)||^2} small, where u, s, v are leading singular vectors and values
 * of x_i. Their gradients are 2 h_i with h_i = u s^2 u^T e_i + e_i v s^2 v^T, e_i = x - x_i, and the losses themselves are the
 * sums of e_i h_i.
 *
 * <p>Gradients are summed in panels of columns, and weighed by what the panels' dot products say together, so each step is a
 * stage of panels for the gradients and one for the move.
 *
 * <p>Product: x.
 *
 * @param shape     of the tensor
 * @param steps     of the optimiser per arrival
 * @param optimiser moves x
 * @param balance   weighs both losses
 * @param epsilon   share of the sum of singular values, of which those before the one that reaches it count
 * @param space     which vectors count
 */
public record DualProjections(
        MatrixShape shape, int steps, Optimiser optimiser, LossBalance balance, double epsilon, Space space)
        implements MatrixProgram {
    /** Whole matrices besides the optimiser's: x, and x_i, e_i, h_i for both. */
    private static final int WHOLE = 7;

    /** Dot products of a step: e_i h_i, and those of h_1 and h_2. */
    private static final int PRODUCTS = 5;

    /** Singular vectors of a tensor: left ones, right ones, or both. A tensor's left ones are right ones of its view. */
    public enum Space {
        U,
        V,
        UV
    }

    /** Vectors of the view's rows, which are the tensor's right ones. */
    private int ofRows() {
        return space == Space.U ? 0 : shape.smaller();
    }

    /** Vectors of the view's columns. */
    private int ofColumns() {
        return space == Space.V ? 0 : shape.smaller();
    }

    @Override
    public MatrixNeeds needs() {
        int n = shape.n();
        int m = shape.m();
        long whole = MatrixNeeds.of(n, m, Precision.F32);
        if (shape.models() == 1) {
            return new MatrixNeeds(whole, 0, 0);
        }
        long each = SingularSide.bytes(n, ofRows())
                + SingularSide.bytes(m, ofColumns())
                + MatrixNeeds.of(shape.smaller(), 1, Precision.F32)
                + MatrixNeeds.of(n, SingularSide.thin(m, ofColumns()), Precision.F32);
        return new MatrixNeeds(
                (WHOLE + optimiser.states()) * whole + 2 * each,
                MatrixNeeds.of(SingularSide.thin(n, ofRows()), Panels.of(m).width(0), Precision.F32),
                WorkSpace.svd(n, m, shape.smaller(), Precision.F32));
    }

    @Override
    public int parts() {
        return 1 + (shape.models() - 1) * (3 + 3 * steps);
    }

    @Override
    public MatrixStep begin(MatrixSpace memory) {
        Matrix running = memory.keep(shape.n(), shape.m(), Precision.F32);
        return load(0, running, () -> shape.models() == 1
                ? new MatrixStep.Done(List.of(running))
                : new Run(memory, running).arrive(1));
    }

    private MatrixStep load(int model, Matrix into, Supplier<MatrixStep> then) {
        Panels columns = Panels.of(shape.m());
        return new MatrixStep.Stage(
                columns.count(),
                (panel, lane) -> lane.delta(model, columns.first(panel), columns.of(into, panel)),
                then);
    }

    /** x, nothing remembered, and e_1, e_2 of x_1, x_2: half way between them. */
    private Formula halfway() {
        FormulaBuilder formula = new FormulaBuilder(false, 0);
        Value x = formula.mul(0.5, formula.add(formula.model(0), formula.model(1)));
        formula.output(x);
        for (int state = 0; state < optimiser.states(); state++) {
            formula.output(formula.constant(0));
        }
        return away(formula, x, 0);
    }

    /** A step: of x, what is remembered, h_1, h_2, x_1, x_2 the new x, what is to be remembered, e_1, e_2. */
    private Formula move(int step, double weight) {
        FormulaBuilder formula = new FormulaBuilder(false, 0);
        int own = 1 + optimiser.states();
        List<Value> states = IntStream.range(1, own).mapToObj(formula::model).toList();
        Value gradient = formula.add(
                formula.mul(2 * weight, formula.model(own)), formula.mul(2 * (1 - weight), formula.model(own + 1)));
        List<Value> moved = optimiser.step(formula, step, formula.model(0), gradient, states);
        moved.forEach(formula::output);
        return away(formula, moved.getFirst(), own + 2);
    }

    private static Formula away(FormulaBuilder formula, Value x, int target) {
        return formula.output(formula.sub(x, formula.model(target)))
                .output(formula.sub(x, formula.model(target + 1)))
                .build();
    }

    /** One of the two models that are merged: x_i, and what is known of it. */
    private final class Side {
        private Matrix target;
        private final Matrix away;
        private final Matrix slope;
        private final Matrix values;
        private final SingularSide rows;
        private final SingularSide columns;
        private final Matrix inside;

        Side(MatrixSpace memory, Matrix target) {
            int n = shape.n();
            int m = shape.m();
            this.target = target;
            this.away = memory.keep(n, m, Precision.F32);
            this.slope = memory.keep(n, m, Precision.F32);
            this.values = memory.keep(shape.smaller(), 1, Precision.F32);
            this.rows = new SingularSide(memory, n, ofRows());
            this.columns = new SingularSide(memory, m, ofColumns());
            this.inside = memory.keep(n, SingularSide.thin(m, ofColumns()), Precision.F32);
        }

        void decompose(MatrixLane lane) {
            lane.algebra().svd(target, new Svd(rows.vectors(), values, columns.vectors()));
            int rank = Spectrum.first(values, share -> share >= epsilon).orElse(0);
            rows.scale(values, rank, lane.algebra());
            columns.scale(values, rank, lane.algebra());
        }

        /** How many tasks find e_i v. */
        int insideTasks(Panels heights) {
            return columns.isThin() && columns.rank() > 0 ? heights.count() : 0;
        }

        void inside(Panels heights, int panel, MatrixLane lane) {
            int first = heights.first(panel);
            int height = heights.width(panel);
            Matrix part = away.block(first, 0, height, shape.m());
            lane.algebra().gemm(
                    1, part, false, columns.factor(), false, 0, inside.block(first, 0, height, columns.rank()));
        }

        void slope(Panels panels, int panel, Matrix scratch, MatrixLane lane) {
            Matrix part = panels.of(slope, panel);
            Matrix e = panels.of(away, panel);
            rows.setLeft(e, part, scratch, lane.algebra());
            Matrix known = inside.columns(columns.isThin() ? columns.rank() : 0);
            columns.addRight(away, known, panels, panel, part, lane.algebra());
        }
    }

    /** One run: what is kept between its stages. */
    private final class Run {
        private final Panels panels = Panels.of(shape.m());
        private final Panels heights = Panels.of(shape.n());
        private final double[][] products = new double[PRODUCTS][panels.count()];
        private final List<Matrix> state;
        private final Side running;
        private final Side arriving;
        private Matrix x;
        private double weight;

        Run(MatrixSpace memory, Matrix first) {
            this.x = memory.keep(shape.n(), shape.m(), Precision.F32);
            this.state = IntStream.range(0, optimiser.states())
                    .mapToObj(number -> memory.keep(shape.n(), shape.m(), Precision.F32))
                    .toList();
            this.running = new Side(memory, first);
            this.arriving = new Side(memory, memory.keep(shape.n(), shape.m(), Precision.F32));
        }

        MatrixStep arrive(int model) {
            return load(model, arriving.target, () -> new MatrixStep.Stage(
                    2, (side, lane) -> side(side).decompose(lane), () -> prepare(model)));
        }

        private Side side(int number) {
            return number == 0 ? running : arriving;
        }

        /** Squares of both sides' vectors, and where x starts. */
        private MatrixStep prepare(int model) {
            weight = balance.alpha();
            Panels ofRows = Panels.of(shape.n());
            int squares = ofRows.count() + panels.count();
            Formula start = halfway();
            return new MatrixStep.Stage(
                    2 * squares + panels.count(),
                    (task, lane) -> {
                        int number = task % squares;
                        if (task >= 2 * squares) {
                            start(start, number, lane);
                        } else if (number < ofRows.count()) {
                            side(task / squares).rows.square(ofRows, number, lane.algebra());
                        } else {
                            side(task / squares).columns.square(panels, number - ofRows.count(), lane.algebra());
                        }
                    },
                    () -> step(model, 1));
        }

        private void start(Formula start, int panel, MatrixLane lane) {
            lane.compute(start, parts(panel, targets()), parts(panel, moved()));
        }

        private Stream<Matrix> targets() {
            return Stream.of(running.target, arriving.target);
        }

        /** What a step changes. */
        private Stream<Matrix> moved() {
            return Stream.concat(Stream.concat(Stream.of(x), state.stream()), Stream.of(running.away, arriving.away));
        }

        private List<Matrix> parts(int panel, Stream<Matrix> wholes) {
            return wholes.map(whole -> panels.of(whole, panel)).toList();
        }

        private MatrixStep step(int model, int step) {
            if (step > steps) {
                Matrix merged = x;
                x = running.target;
                running.target = merged;
                return model + 1 == shape.models() ? new MatrixStep.Done(List.of(merged)) : arrive(model + 1);
            }
            int first = running.insideTasks(heights);
            return new MatrixStep.Stage(
                    first + arriving.insideTasks(heights),
                    (task, lane) -> {
                        if (task < first) {
                            running.inside(heights, task, lane);
                        } else {
                            arriving.inside(heights, task - first, lane);
                        }
                    },
                    () -> new MatrixStep.Stage(panels.count(), this::slopes, () -> move(model, step)));
        }

        private void slopes(int panel, MatrixLane lane) {
            Matrix scratch = lane.temporary(SingularSide.thin(shape.n(), ofRows()), panels.width(panel), Precision.F32);
            running.slope(panels, panel, scratch, lane);
            arriving.slope(panels, panel, scratch, lane);
            Matrix h1 = panels.of(running.slope, panel);
            Matrix h2 = panels.of(arriving.slope, panel);
            LinearAlgebra algebra = lane.algebra();
            products[0][panel] = algebra.dot(panels.of(running.away, panel), h1);
            products[1][panel] = algebra.dot(panels.of(arriving.away, panel), h2);
            products[2][panel] = algebra.dot(h1, h1);
            products[3][panel] = algebra.dot(h1, h2);
            products[4][panel] = algebra.dot(h2, h2);
        }

        private MatrixStep move(int model, int step) {
            double[] sums = Stream.of(products).mapToDouble(parts -> DoubleStream.of(parts).sum()).toArray();
            // Gradients are 2 h.
            weight = balance.next(
                    weight, new LossBalance.Products(sums[0], sums[1], 4 * sums[2], 4 * sums[3], 4 * sums[4]));
            Formula move = DualProjections.this.move(step, weight);
            return new MatrixStep.Stage(
                    panels.count(),
                    (panel, lane) -> {
                        Stream<Matrix> before = Stream.concat(Stream.of(x), state.stream());
                        Stream<Matrix> slopes = Stream.of(running.slope, arriving.slope);
                        Stream<Matrix> inputs = Stream.concat(Stream.concat(before, slopes), targets());
                        lane.compute(move, parts(panel, inputs), parts(panel, moved()));
                    },
                    () -> step(model, step + 1));
        }
    }
}
