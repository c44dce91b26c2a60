// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.WeightedSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Metrics-weighted averaging of the checkpoints of one run (arXiv 2504.18580): the weights, of sum 1, come from a metric
 * m of each model and one penalty p for all. The paper's law could not be established; these laws are ours: m^-p, m^p,
 * exp(-p m) and exp(p m), each divided by its sum. A penalty of 0 gives the uniform mean in all of them.
 */
final class Mwa implements MergeMethod {
    private static final Parameter.Range NOT_NEGATIVE = new Parameter.Range(0, false, Double.MAX_VALUE);

    private static final MethodSpec SPEC = new MethodSpec(
            "mwa",
            "Metrics-weighted averaging",
            Optional.of(new MethodSpec.Paper(
                    "Parameter-Efficient Checkpoint Merging via Metrics-Weighted Averaging",
                    "https://arxiv.org/abs/2504.18580")),
            "average of the models, weighted by a metric such as training loss or step",
            List.of(
                    Parameter.required(
                            "metric",
                            Parameter.Level.PER_MODEL,
                            Parameter.Range.ANY,
                            "training loss, training step or another figure"),
                    Parameter.number(
                            "penalty",
                            Parameter.Level.GLOBAL,
                            1,
                            NOT_NEGATIVE,
                            "how much a worse metric counts; 0 gives the uniform mean"),
                    Parameter.flag(
                            "higher_is_better",
                            false,
                            "weights grow with the metric, as with steps; otherwise they fall, as with losses"),
                    Parameter.flag(
                            "softmax",
                            false,
                            "weights are exponentials of penalty times metric instead of powers of the metric")),
            MethodSpec.BaseRole.MEMBER,
            1,
            Integer.MAX_VALUE,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        double[] logarithms = context.models().stream()
                .mapToDouble(model -> logarithm(context, model.parameters().number("metric")))
                .toArray();
        List<Float> weights = new ArrayList<>();
        for (double weight : softmax(logarithms)) {
            weights.add((float) weight);
        }
        return TensorProgram.single(new Step.Sum(new WeightedSum(weights)));
    }

    /** Of a weight that is not divided by the sum of all yet. */
    private static double logarithm(TensorContext context, double metric) {
        double sign = context.globals().flag("higher_is_better") ? 1 : -1;
        double penalty = context.globals().number("penalty");
        boolean exponential = context.globals().flag("softmax");
        if (!exponential && metric <= 0) {
            throw new ConfigException(
                    "mwa: a metric of tensor " + context.name() + " is " + metric + ", and powers need one above 0",
                    "set softmax: true, which takes any number, or shift the metrics");
        }
        double logarithm = penalty * (exponential ? metric : StrictMath.log(metric));
        if (!Double.isFinite(logarithm)) {
            throw new ConfigException(
                    "mwa: penalty " + penalty + " is too large for a metric of tensor " + context.name() + " (" + metric
                            + ")",
                    "use a penalty of ordinary size");
        }
        return sign * logarithm;
    }

    private static double[] softmax(double[] logarithms) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double logarithm : logarithms) {
            largest = Math.max(largest, logarithm);
        }
        double[] weights = new double[logarithms.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = StrictMath.exp(logarithms[i] - largest);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return weights;
    }
}
