// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.Mask;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

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
        RANDOM,
        /** The largest and the smallest go. */
        OUTLIERS,
        /** The larger, the more probably an element stays. */
        RANKED
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

    /** A task vector that cannot be added is as good as none. */
    @Override
    public boolean leavesOutOtherShapes() {
        return true;
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
        if (sparsifier == Sparsifier.OUTLIERS) {
            return withoutOutliers(context, rescales, needs);
        }
        if (sparsifier == Sparsifier.RANKED) {
            return rankedDrop(context, rescales);
        }
        boolean given = context.random() instanceof Randomness.Sequence
                || context.models().stream().anyMatch(model -> model.draws().isPresent());
        if (sparsifier == Sparsifier.RANDOM && given) {
            return randomDrop(context, rescales);
        }
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

    private TensorProgram withoutOutliers(TensorContext context, boolean rescales, Needs needs) {
        Outliers outliers = new Outliers(context);
        Function<List<Selection>, Step> then = found -> {
            List<DeltaFormula.Keep> keeps = outliers.keeps(found);
            return rescales
                    ? new Step.Evaluate(
                            DeltaFormula.sums(new FormulaBuilder(true, 0), keeps).build(),
                            sums -> formulaMerge(context, keeps, absoluteSums(sums, keeps.size())))
                    : formulaMerge(context, keeps, List.of());
        };
        List<Step.Pick> picks = outliers.picks();
        Step first = picks.isEmpty() ? then.apply(List.of()) : new Step.Select(picks, then);
        return new TensorProgram(
                first, 1 + (picks.isEmpty() ? 0 : 1) + (rescales ? 1 : 0), needs.withPicks(picks.size(), 0));
    }

    private TensorProgram randomDrop(TensorContext context, boolean rescales) {
        RandomDrop drop = new RandomDrop(context);
        Step first = drop.step(found -> {
            List<Mask> masks = new ArrayList<>();
            for (TensorContext.ModelContext model : context.models()) {
                masks.add(density(model) >= 1 ? Mask.NONE : new Mask.Bits(found.masks().get(masks.size())));
            }
            return merge(context, masks, rescales ? absoluteSums(found, masks.size()) : List.of());
        });
        return new TensorProgram(first, 2, drop.needs());
    }

    private TensorProgram rankedDrop(TensorContext context, boolean rescales) {
        RankedDrop drop = new RankedDrop(context);
        Step first = drop.step(dropped -> {
            List<Mask> masks = new ArrayList<>();
            List<Step.AbsoluteSums> sums = new ArrayList<>();
            Iterator<Step.Dropped> next = dropped.iterator();
            for (TensorContext.ModelContext model : context.models()) {
                Optional<Step.Dropped> thinned = density(model) < 1 ? Optional.of(next.next()) : Optional.empty();
                masks.add(thinned.<Mask>map(Step.Dropped::mask).orElse(Mask.NONE));
                sums.add(thinned.map(Step.Dropped::sums).orElse(new Step.AbsoluteSums(0, 0)));
            }
            return merge(context, masks, rescales ? sums : List.of());
        });
        return new TensorProgram(first, 2, drop.needs());
    }

    /** Sums of |d| and |kept(d)| of all rows, of which an empty tensor may have none. */
    private static List<Step.AbsoluteSums> absoluteSums(Evaluation found, int models) {
        List<Step.AbsoluteSums> sums = new ArrayList<>();
        for (int model = 0; model < models; model++) {
            sums.add(new Step.AbsoluteSums(found.total(2 * model), found.total(2 * model + 1)));
        }
        return sums;
    }

    private Step formulaMerge(TensorContext context, List<DeltaFormula.Keep> keeps, List<Step.AbsoluteSums> sums) {
        List<DeltaFormula.Term> terms = new ArrayList<>();
        for (int i = 0; i < keeps.size(); i++) {
            double rescale = sums.isEmpty() || density(context.models().get(i)) >= 1 ? 1 : rescale(sums.get(i));
            terms.add(new DeltaFormula.Term(weight(context, i), rescale, keeps.get(i)));
        }
        DeltaFormula.Rule rule = new DeltaFormula.Rule(
                consensus, context.globals().flag("normalize"), divisor(context), context.globals().number("lambda"));
        return new Step.Compute(DeltaFormula.merge(terms, rule));
    }

    private Step afterMasks(TensorContext context, List<Mask> masks, boolean rescales) {
        return rescales
                ? new Step.DeltaSums(masks, sums -> merge(context, masks, sums))
                : merge(context, masks, List.of());
    }

    private Step merge(TensorContext context, List<Mask> masks, List<Step.AbsoluteSums> sums) {
        List<DeltaMerge.Term> terms = new ArrayList<>();
        for (int i = 0; i < masks.size(); i++) {
            float rescale = sums.isEmpty() || masks.get(i) instanceof Mask.None ? 1 : rescale(sums.get(i));
            terms.add(new DeltaMerge.Term((float) weight(context, i), rescale, masks.get(i)));
        }
        return new Step.Merge(new DeltaMerge(
                terms,
                consensus,
                context.globals().flag("normalize"),
                (float) divisor(context),
                (float) context.globals().number("lambda")));
    }

    private static double weight(TensorContext context, int model) {
        return context.models().get(model).parameters().number("weight");
    }

    /** What a sum without consensus is divided by. */
    private double divisor(TensorContext context) {
        double sum = 0;
        for (int i = 0; i < context.models().size(); i++) {
            sum += weight(context, i);
        }
        boolean divides = context.globals().flag("normalize") && !consensus && Math.abs(sum) >= ZERO_WEIGHTS;
        return divides ? sum : 1;
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
