// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.BandMask;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.Mask;
import dev.ingot.kernel.RankedMask;
import dev.ingot.kernel.Table;
import dev.ingot.kernel.WeightedSum;
import dev.ingot.matrix.MatrixProgram;
import java.util.List;
import java.util.function.Function;

/**
 * One pass over a tensor. The first eight write the output and end the program; {@link Report} ends the program of a survey; the
 * others learn a few numbers and lead to the next step.
 */
public sealed interface Step {
    /** The output is the base, rounded to the output type. */
    record CopyBase() implements Step {}

    /** The output is the given model, rounded to the output type. */
    record CopyModel(int model) implements Step {}

    /** The output is a weighted sum of the merged models. */
    record Sum(WeightedSum op) implements Step {}

    /** The output is the base plus merged deltas. */
    record Merge(DeltaMerge op) implements Step {}

    /**
     * The output is the only output of a formula.
     *
     * @param formula computes it from base, models and their companions
     * @param further inputs of the formula after these
     */
    record Compute(Formula formula, List<Further> further) implements Step {
        public Compute {
            further = List.copyOf(further);
        }

        /** Without further inputs. */
        public Compute(Formula formula) {
            this(formula, List.of());
        }
    }

    /**
     * The output is the base plus a factor times a matrix that {@link Matrices} made; without a base the matrix alone.
     *
     * @param product its number
     */
    record AddProduct(int product, float factor) implements Step {}

    /**
     * The output is a matrix that {@link Matrices} made, of the output's shape whatever the tensor's is, rounded to its type.
     *
     * @param product its number
     */
    record Store(int product) implements Step {}

    /**
     * The output is one bit per element, packed as {@link Part.Mask} says.
     *
     * @param formula its only output is one of bits
     */
    record Pack(Formula formula) implements Step {}

    /**
     * What is known of the tensor; reads nothing.
     *
     * @param values numbers for {@link ModelStep.Survey}
     */
    record Report(double... values) implements Step {}

    /** What to do depends on a {@linkplain MergeMethod#survey survey} of the model. */
    record Surveyed() implements Step {}

    /**
     * Finds the largest elements by magnitude.
     *
     * @param picks what to select
     * @param then  gets one selection per pick
     */
    record Select(List<Pick> picks, Function<List<Selection>, Step> then) implements Step {
        public Select {
            picks = List.copyOf(picks);
        }
    }

    /**
     * The largest elements by one score.
     *
     * @param score what they are compared by
     * @param keep  how many to select
     */
    record Pick(Score score, Keep keep) {
        /** Selects a number of elements, from 1 to all. */
        public Pick(Score score, long number) {
            this(score, new Keep.Number(number));
        }
    }

    /** How many elements are selected. */
    sealed interface Keep {
        /**
         * That many.
         *
         * @param number from 1 to the number of elements
         */
        record Number(long number) implements Keep {}

        /**
         * A share of those with a positive score, counted and multiplied in float32; none gives {@link Selection#NOTHING}.
         *
         * @param share more than 0 and less than 1
         */
        record ShareOfPositive(float share) implements Keep {
            /** How many that is. */
            public long of(long positive) {
                // Rounding up may give more than there are.
                return Math.min((long) ((float) positive * share), positive);
            }
        }
    }

    /**
     * Runs a formula over the tensor for its results and masks.
     *
     * @param formula has no outputs but masks
     * @param further inputs of the formula after the models and their companions
     * @param then    gets what it gave
     */
    record Evaluate(Formula formula, List<Further> further, Function<Evaluation, Step> then) implements Step {
        public Evaluate {
            further = List.copyOf(further);
        }

        /** Without further inputs. */
        public Evaluate(Formula formula, Function<Evaluation, Step> then) {
            this(formula, List.of(), then);
        }
    }

    /**
     * Reads the tensor's packed mask, which is an input beside base and models.
     *
     * @param then gets it as a table of bits
     */
    record Unpack(Function<Table, Step> then) implements Step {}

    /**
     * Sums |d| and |kept(d)|.
     *
     * @param masks one per model
     * @param then  gets one pair of sums per model
     */
    record DeltaSums(List<Mask> masks, Function<List<AbsoluteSums>, Step> then) implements Step {
        public DeltaSums {
            masks = List.copyOf(masks);
        }
    }

    /**
     * Makes random masks by rank.
     *
     * @param drops     what to mask
     * @param rowLength elements of a row
     * @param then      gets what became of each of them
     */
    record RankedMasks(List<Drop> drops, long rowLength, Function<List<Dropped>, Step> then) implements Step {
        public RankedMasks {
            drops = List.copyOf(drops);
        }
    }

    /**
     * A model whose delta is thinned.
     *
     * @param model index of the model
     * @param mask  which elements are kept
     * @param draws where the elements' random numbers come from
     */
    record Drop(int model, RankedMask mask, Draws draws) {}

    /**
     * Makes masks of bands of ranks.
     *
     * @param bands     what to mask
     * @param rowLength elements of a row
     * @param then      gets the mask of each of them, which can be read until the program ends
     */
    record BandMasks(List<Band> bands, long rowLength, Function<List<Mask.Bits>, Step> then) implements Step {
        public BandMasks {
            bands = List.copyOf(bands);
        }
    }

    /**
     * A model of whose delta a band of ranks is kept.
     *
     * @param model index of the model
     * @param mask  which elements are kept
     */
    record Band(int model, BandMask mask) {}

    /** Where the random numbers of a mask come from. */
    sealed interface Draws {
        /** The key of the mask. */
        record Keyed() implements Draws {}

        /**
         * The run's {@linkplain Randomness.Sequence sequence}.
         *
         * @param first number of the output that the first element gets
         */
        record Sequence(long first) implements Draws {}

        /**
         * A further checkpoint.
         *
         * @param operand its number behind the merged models
         */
        record Recorded(int operand) implements Draws {}
    }

    /**
     * A thinned delta.
     *
     * @param mask which elements are kept; can be read until the next step has been made, and in that step
     * @param sums its L1 norms
     */
    record Dropped(Mask.Bits mask, AbsoluteSums sums) {}

    /**
     * Computes on the tensor as a matrix. What it makes stays for the steps that follow.
     *
     * @param program what to compute
     * @param then    gets what was found out
     */
    record Matrices(MatrixProgram program, Function<double[], Step> then) implements Step {}

    /**
     * Dot products of all pairs of models.
     *
     * @param deltas whether the models' deltas are multiplied, or their values
     * @param then gets the lower triangle by rows: (0,0) (1,0) (1,1) (2,0) ...
     */
    record Gram(boolean deltas, Function<double[], Step> then) implements Step {}

    /**
     * Dot products of the columns of two matrices, which are the two outputs of a formula.
     *
     * @param formula computes an element of either
     * @param then    gets x.x, x.y and y.y for each column
     */
    record ColumnGram(Formula formula, Function<double[][], Step> then) implements Step {
        /** Rows that are added up to one sum each column, before these sums are. */
        public static final int GROUP = 64;
    }

    /**
     * L1 norms of a delta.
     *
     * @param all  sum of |d|
     * @param kept sum of |d| over the kept elements
     */
    record AbsoluteSums(double all, double kept) {}
}
