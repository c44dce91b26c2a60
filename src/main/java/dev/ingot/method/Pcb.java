// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import java.util.List;
import java.util.Optional;

/**
 * Parameter competition balancing. The elements of all task vectors get scores, the product of an own term, exp(N n_i^2), and one of
 * agreement with the others; n is the clipped magnitude as a share of its range. The highest scores of each model, as shares of
 * their range, become weights of a mean. All quantiles and ranges are those of the model as a whole. The authors' programs
 * differ in the term of agreement and in the numbers: see {@link Inter} and docs/methods/pcb.md.
 */
final class Pcb implements MergeMethod {
    /** How far a model's element agrees with those of all. n has the sign of its element here. */
    enum Inter {
        /** tanh(tau_i sum_j tau_j). */
        RAW,
        /** tanh(tau_i sum_j n_j). */
        HALF_NORMALIZED,
        /** sum_j tanh(n_i n_j). */
        NORMALIZED
    }

    /** Below a half, so that the ends of clipping do not cross. */
    private static final double LARGEST_CLIP = 0.49;

    private static final MethodSpec SPEC = new MethodSpec(
            "pcb",
            "PCB-Merging",
            Optional.of(new MethodSpec.Paper(
                    "Parameter Competition Balancing for Model Merging", "https://arxiv.org/abs/2410.02396")),
            "mean of clipped task vectors by scores of own size and of agreement, of which the highest count",
            List.of(
                    Parameter.number("weight", Parameter.Level.PER_MODEL, 1, Parameter.Range.ANY, "factor on the task vector"),
                    Parameter.number(
                            "clip",
                            Parameter.Level.GLOBAL,
                            0.01,
                            new Parameter.Range(0, false, LARGEST_CLIP),
                            "share of the magnitudes that is clipped at either end; the authors' programs have 0.01 or 0.0001"),
                    Parameter.choice(
                            "inter", Parameter.Level.GLOBAL, Inter.class, Inter.RAW, "how agreement with the others is scored"),
                    Parameter.number(
                            "ratio",
                            Parameter.Level.GLOBAL,
                            0.1,
                            Parameter.Range.FRACTION,
                            "share of the scores that counts; 0.05 to 0.2 is usual"),
                    Parameter.number(
                            "lambda",
                            Parameter.Level.GLOBAL,
                            1,
                            Parameter.Range.ANY,
                            "factor on the merged task vector; 0.8 to 2.2 is usual"),
                    Parameter.flag("include", true, "whether the tensor takes part; otherwise it stays the base's")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        if (!context.globals().flag("include")) {
            return TensorProgram.single(new Step.CopyBase());
        }
        Needs needs = Needs.NONE.withModelPicks(PcbSurvey.MOST_PICKS * context.models().size(), true);
        return new TensorProgram(new Step.Surveyed(), 3, needs);
    }

    @Override
    public Optional<ModelStep> survey(List<TensorContext> tensors) {
        return Optional.of(new PcbSurvey(tensors).first());
    }
}
