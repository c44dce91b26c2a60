// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Conversion, weighted sum and merged deltas in plain Java. */
final class ReferenceElementwise {
    private final float[] result = new float[Blocks.SIZE];
    private final float[] base = new float[Blocks.SIZE];
    private final float[][] terms = new float[DeltaMerge.MAX_TERMS][];

    void convert(Operand input, Operand output, long count) {
        if (input.dtype() == output.dtype()) {
            MemorySegment.copy(input.data(), 0, output.data(), 0, count * input.dtype().bytes());
            return;
        }
        for (long first = 0; first < count; first += Blocks.SIZE) {
            int n = Blocks.length(first, count);
            Blocks.load(input, first, n, result);
            Blocks.store(result, n, output, first);
        }
    }

    void weightedSum(WeightedSum op, Tile tile, Operand output) {
        float[] values = base;
        for (long first = 0; first < tile.count(); first += Blocks.SIZE) {
            int n = Blocks.length(first, tile.count());
            for (int model = 0; model < tile.models().size(); model++) {
                float weight = op.weights().get(model);
                Blocks.load(tile.models().get(model), first, n, values);
                for (int i = 0; i < n; i++) {
                    // The first product stands alone: 0 + -0 would lose its sign.
                    result[i] = model == 0 ? weight * values[i] : result[i] + weight * values[i];
                }
            }
            Blocks.store(result, n, output, first);
        }
    }

    void deltaMerge(DeltaMerge op, Tile tile, Operand output) {
        Operand baseOperand = tile.requireBase();
        for (long first = 0; first < tile.count(); first += Blocks.SIZE) {
            int n = Blocks.length(first, tile.count());
            Blocks.load(baseOperand, first, n, base);
            for (int t = 0; t < op.terms().size(); t++) {
                loadTerm(op.terms().get(t), tile.models().get(t), first, n, tile.start(), term(t));
            }
            for (int i = 0; i < n; i++) {
                float merged = op.consensus() ? agreeing(op, i) : sum(op.terms().size(), i) / op.divisor();
                result[i] = base[i] + op.lambda() * merged;
            }
            Blocks.store(result, n, output, first);
        }
    }

    /** y = weight (rescale kept(d)) for a block. */
    private void loadTerm(DeltaMerge.Term term, Operand model, long first, int n, long start, float[] y) {
        Blocks.load(model, first, n, y);
        Deltas.subtract(base, y, n);
        Deltas.keep(term.mask(), y, n, start + first);
        for (int i = 0; i < n; i++) {
            y[i] = term.weight() * (term.rescale() * y[i]);
        }
    }

    private float sum(int termCount, int i) {
        float sum = terms[0][i];
        for (int t = 1; t < termCount; t++) {
            sum += terms[t][i];
        }
        return sum;
    }

    /** Sign election and disjoint merge: TIES-Merging (arXiv 2306.01708), algorithm 1, steps 2 and 3. */
    private float agreeing(DeltaMerge op, int i) {
        List<DeltaMerge.Term> specs = op.terms();
        float elected = sum(specs.size(), i);
        if (elected != elected) {
            return elected;
        }
        float sum = 0;
        float weights = 0;
        for (int t = 0; t < specs.size(); t++) {
            float y = terms[t][i];
            if (elected >= 0 ? y > 0 : y < 0) {
                sum += y;
                weights += specs.get(t).weight();
            }
        }
        return op.normalize() ? sum / (weights == 0 ? 1 : weights) : sum;
    }

    private float[] term(int index) {
        if (terms[index] == null) {
            terms[index] = new float[Blocks.SIZE];
        }
        return terms[index];
    }
}
