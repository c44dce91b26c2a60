// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.checkpoint.Shape;
import dev.ingot.config.Companion;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * One output tensor as a method sees it: names, sizes and resolved parameters.
 *
 * @param name     name of the output tensor
 * @param shape    shape of every operand
 * @param hasBase  whether there is a base that differences count from
 * @param models   the merged models in configuration order; without the base where that is the
 *                 {@linkplain MethodSpec.BaseRole#ORIGIN origin}
 * @param globals  parameters of the merge as a whole
 * @param random   where random numbers come from
 * @param depth    relative depth in its slice, from 0 for the first layer to 1 for the last; 0 outside of layers
 * @param part     what is computed of it
 */
public record TensorContext(
        String name,
        Shape shape,
        boolean hasBase,
        List<ModelContext> models,
        ParameterValues globals,
        Randomness random,
        double depth,
        Part part) {

    /**
     * One merged model.
     *
     * @param position   its place among the merged models that have this tensor, by which steps and formulas read it; part of
     *                   the key of random masks
     * @param number     which model of the recipe it is: the same in all tensors, whichever models lack some of them
     * @param parameters its resolved parameters
     * @param companions the numbers under which formulas read the further checkpoints that it has for this tensor; they stand
     *                   behind the merged models
     */
    public record ModelContext(
            int position, int number, ParameterValues parameters, Map<Companion, Integer> companions) {
        public ModelContext {
            Objects.requireNonNull(parameters);
            companions = Collections.unmodifiableMap(new TreeMap<>(companions));
        }

        /** Of a recipe in which every model has the tensor, without further checkpoints. */
        public ModelContext(int position, ParameterValues parameters) {
            this(position, position, parameters, Map.of());
        }

        /** The same with other parameters. */
        ModelContext with(ParameterValues other) {
            return new ModelContext(position, number, other, companions);
        }

        /** The mask, as the number to give to {@link dev.ingot.kernel.FormulaBuilder#model}, if there is one. */
        public OptionalInt mask() {
            return index(Companion.MASK);
        }

        /** Uniform random numbers, as the number to give to {@link dev.ingot.kernel.FormulaBuilder#model}, if there are any. */
        public OptionalInt draws() {
            return index(Companion.DRAWS);
        }

        private OptionalInt index(Companion companion) {
            Integer index = companions.get(companion);
            return index == null ? OptionalInt.empty() : OptionalInt.of(index);
        }

        /**
         * What a plan is identified by, in the words of plans without companions. The number is not part of it: files tell models
         * apart there.
         */
        @Override
        public String toString() {
            return "ModelContext[position=" + position + ", parameters=" + parameters
                    + (companions.isEmpty() ? "" : ", companions=" + companions) + "]";
        }
    }

    public TensorContext {
        Objects.requireNonNull(name);
        Objects.requireNonNull(shape);
        Objects.requireNonNull(random);
        Objects.requireNonNull(part);
        models = List.copyOf(models);
    }

    /** The merged tensor itself. */
    public TensorContext(
            String name,
            Shape shape,
            boolean hasBase,
            List<ModelContext> models,
            ParameterValues globals,
            Randomness random,
            double depth) {
        this(name, shape, hasBase, models, globals, random, depth, new Part.Model());
    }

    /** Outside of layers, with random numbers that are a function of a seed. */
    public TensorContext(
            String name, Shape shape, boolean hasBase, List<ModelContext> models, ParameterValues globals, long seed) {
        this(name, shape, hasBase, models, globals, new Randomness.Keyed(seed), 0);
    }

    /** The same with random numbers from elsewhere. */
    public TensorContext withRandom(Randomness other) {
        return new TensorContext(name, shape, hasBase, models, globals, other, depth, part);
    }

    /** The same for another part. */
    public TensorContext withPart(Part other) {
        return new TensorContext(name, shape, hasBase, models, globals, random, depth, other);
    }

    /** The same with other parameters. */
    TensorContext with(List<ModelContext> otherModels, ParameterValues otherGlobals) {
        return new TensorContext(name, shape, hasBase, otherModels, otherGlobals, random, depth, part);
    }

    /** Number of a tile's tensors besides the base: the merged models, and their companions behind them. */
    public int operands() {
        return models.size() + models.stream().mapToInt(model -> model.companions().size()).sum();
    }

    /** Seed of the run. */
    public long seed() {
        return random.seed();
    }

    /** Number of elements of every operand. */
    public long elements() {
        return shape.elements();
    }

    /** Elements of a row, which is what the last dimension counts; of all where there is only one dimension. */
    public long rowLength() {
        return shape.rank() < 2 ? Math.max(1, shape.elements()) : Math.max(1, shape.dim(shape.rank() - 1));
    }
}
