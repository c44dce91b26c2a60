// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.FormulaBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * VaRM of the first FuseChat report (arXiv 2402.16107): base plus the mean of the deltas d_i of a tensor, weighted by
 * their share of the mean squared change, mean(d_i^2) / sum over j of mean(d_j^2).
 */
final class VaRm implements MergeMethod {
    private static final MethodSpec SPEC = new MethodSpec(
            "varm",
            "VaRM",
            Optional.of(new MethodSpec.Paper(
                    "Knowledge Fusion of Chat LLMs: A Preliminary Technical Report",
                    "https://arxiv.org/abs/2402.16107")),
            "mean of the models, weighted by how much each changed the tensor",
            List.of(),
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
        int models = context.models().size();
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        for (int i = 0; i < models; i++) {
            formula.sumOfProducts(formula.delta(i), formula.delta(i));
        }
        Step squares = new Step.Evaluate(
                formula.build(), found -> Combination.of(context, shares(found, models)));
        return new TensorProgram(squares, 2, Needs.NONE.withSums(models, 0));
    }

    /** Equal ones where nothing changed. */
    private static double[] shares(Evaluation found, int models) {
        double[] shares = new double[models];
        Arrays.setAll(shares, found::value);
        double total = Arrays.stream(shares).sum();
        for (int i = 0; i < models; i++) {
            shares[i] = total == 0 ? 1.0 / models : shares[i] / total;
        }
        return shares;
    }
}
