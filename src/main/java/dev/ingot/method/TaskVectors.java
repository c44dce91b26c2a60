// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The family of methods that add a combination of task vectors d_i = x_i - base to the base: a sparsifier thins each task
 * vector, an optional rescaling restores its L1 norm, and the weighted results are summed, with or without sign election.
 */
final class TaskVectors implements MergeMethod {
    /** Below this L1 norm a task vector counts as empty and is not rescaled. */
    static final double EMPTY_NORM = 1e-7;

    /** Below this magnitude a sum of weights counts as zero and is not divided by. */
    static final double ZERO_WEIGHTS = 1e-8;

    /** How a task vector is thinned to its {@code density}. */
    enum Sparsifier {
        NONE,
        /** The largest elements by magnitude stay. */
        MAGNITUDE,
        /** Every element stays with the same probability. */
        RANDOM
    }

    private final MethodSpec spec;
    private final Sparsifier sparsifier;
    private final boolean consensus;

    TaskVectors(MethodSpec spec, Sparsifier sparsifier, boolean consensus) {
        this.spec = spec;
        this.sparsifier = sparsifier;
        this.consensus = consensus;
    }

    @Override
    public MethodSpec spec() {
        return spec;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        boolean thins = sparsifier != Sparsifier.NONE
                && context.models().stream().anyMatch(model -> density(model) < 1);
        boolean rescales = thins && context.globals().flag("rescale");
        if (!thins) {
            return TensorProgram.single(merge(context, maskNone(context), List.of()));
        }
        Needs needs = Needs.NONE.withSums(rescales ? 2 * context.models().size() : 0, 0);
        if (sparsifier == Sparsifier.RANDOM) {
            List<Mask> masks = context.models().stream().map(m -> randomMask(context, m)).toList();
            return new TensorProgram(afterMasks(context, masks, rescales), rescales ? 2 : 1, needs);
        }
        List<Step.Pick> picks = new ArrayList<>();
        for (TensorContext.ModelContext model : context.models()) {
            keep(context, density(model)).ifPresent(k -> picks.add(new Step.Pick(new Score.Delta(model.position()), k)));
        }
        Step select = new Step.Select(picks, selections -> {
            List<Mask> masks = new ArrayList<>(maskNone(context));
            for (int i = 0; i < picks.size(); i++) {
                masks.set(((Score.Delta) picks.get(i).score()).model(), selections.get(i).mask());
            }
            return afterMasks(context, masks, rescales);
        });
        return new TensorProgram(select, rescales ? 3 : 2, needs.withPicks(picks.size(), 0));
    }

    private Step afterMasks(TensorContext context, List<Mask> masks, boolean rescales) {
        return rescales
                ? new Step.DeltaSums(masks, sums -> merge(context, masks, sums))
                : merge(context, masks, List.of());
    }

    private Step merge(TensorContext context, List<Mask> masks, List<Step.AbsoluteSums> sums) {
        List<DeltaMerge.Term> terms = new ArrayList<>();
        double weightSum = 0;
        for (int i = 0; i < masks.size(); i++) {
            double weight = context.models().get(i).parameters().number("weight");
            weightSum += weight;
            float rescale = sums.isEmpty() || masks.get(i) instanceof Mask.None ? 1 : rescale(sums.get(i));
            terms.add(new DeltaMerge.Term((float) weight, rescale, masks.get(i)));
        }
        boolean normalize = context.globals().flag("normalize");
        double divisor = normalize && !consensus && Math.abs(weightSum) >= ZERO_WEIGHTS ? weightSum : 1;
        double lambda = context.globals().number("lambda");
        return new Step.Merge(new DeltaMerge(terms, consensus, normalize, (float) divisor, (float) lambda));
    }

    private static float rescale(Step.AbsoluteSums sums) {
        return sums.all() < EMPTY_NORM || sums.kept() < EMPTY_NORM ? 1 : (float) (sums.all() / sums.kept());
    }

    private static List<Mask> maskNone(TensorContext context) {
        return context.models().stream().map(model -> Mask.NONE).toList();
    }

    private static double density(TensorContext.ModelContext model) {
        return model.parameters().number("density");
    }

    private static OptionalLong keep(TensorContext context, double density) {
        return density >= 1 || context.elements() == 0
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(1, (long) (density * context.elements())));
    }

    private static Mask randomMask(TensorContext context, TensorContext.ModelContext model) {
        double density = density(model);
        return density >= 1
                ? Mask.NONE
                : Mask.Random.ofProbability(MaskKey.of(context.seed(), context.name(), model.position()), density);
    }
}
