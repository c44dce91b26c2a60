// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.OrthogonalArrivals;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * OPCM (Merging Models on the Fly Without Retraining, arXiv 2501.09522). Experts arrive in the order of the models. The
 * method's recursion theta_t - theta_0 = (lambda_(t-1) M_(t-1) + projected delta) / lambda_t is computed for the sum
 * lambda_t M_t, which needs no quantity of the whole model: only the last lambda, which is its norm divided by the mean norm of
 * the deltas, does. So a first pass gives the norms and a second the output.
 */
final class Opcm implements MergeMethod {
    private static final String MERGED = "merged_experts";
    private static final String LAMBDA = "merged_lambda";

    private static final MethodSpec SPEC = new MethodSpec(
            "opcm",
            "OPCM",
            Optional.of(new MethodSpec.Paper(
                    "Merging Models on the Fly Without Retraining: A Sequential Approach to Scalable Continual Model Merging",
                    "https://arxiv.org/abs/2501.09522")),
            "experts arrive one by one; each is projected away from what is merged already",
            List.of(
                    Parameter.number(
                            "alpha",
                            Parameter.Level.GLOBAL,
                            0.5,
                            new Parameter.Range(0, false, 1),
                            "share of the singular values whose directions are closed to later experts; recommended 0.4 to 0.6"),
                    Parameter.number(
                            MERGED,
                            Parameter.Level.GLOBAL,
                            1,
                            new Parameter.Range(1, false, 1_000_000),
                            "how many experts the first model holds: more than 1 if it is a result of this method"),
                    Parameter.optional(
                            LAMBDA,
                            Parameter.Level.GLOBAL,
                            new Parameter.Range(0, true, Double.MAX_VALUE),
                            "merged_lambda in the report of the run that made the first model, if that is a result"),
                    Parameter.choice(
                            "matrices",
                            Parameter.Level.GLOBAL,
                            Rule.class,
                            Rule.METHOD,
                            "what is done with tensors of two dimensions; the authors give embeddings the sum, by a filter"),
                    Parameter.choice(
                            "others",
                            Parameter.Level.GLOBAL,
                            List.of("sum", "base"),
                            "sum",
                            "what is done with all other tensors: the scaled sum of the task vectors, or the base")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            false);

    /** What is done with a tensor. */
    enum Rule {
        METHOD,
        SUM,
        BASE
    }

    /** What the first model holds. */
    private record State(int experts, double lambda) {
        static State of(TensorContext tensor) {
            int experts = WholeNumber.of(tensor, MERGED);
            boolean isGiven = tensor.globals().optional(LAMBDA).isPresent();
            if (experts > 1 != isGiven) {
                throw new ConfigException(
                        "opcm: "
                                + (isGiven
                                        ? LAMBDA + " is given, but " + MERGED + " is 1"
                                        : MERGED + " is given without " + LAMBDA)
                                + " for tensor " + tensor.name(),
                        "give both, as the report of the run says that made the first model, or none for a first expert");
            }
            return new State(experts, tensor.globals().optional(LAMBDA).orElse(1));
        }
    }

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        State.of(context);
        int models = context.models().size();
        return switch (rule(context)) {
            case METHOD -> new TensorProgram(new Step.Surveyed(), 3, Needs.NONE.withMatrices(projection(context).needs()));
            case SUM -> new TensorProgram(new Step.Surveyed(), 2, Needs.NONE.withSums(models * (models + 1) / 2, 0));
            case BASE -> new TensorProgram(new Step.Surveyed(), 1, Needs.NONE);
        };
    }

    private static Rule rule(TensorContext tensor) {
        if (tensor.elements() == 0) {
            return Rule.BASE;
        }
        String key = tensor.shape().rank() == 2 ? "matrices" : "others";
        return tensor.globals().choice(key, Rule.class);
    }

    private static MatrixProgram projection(TensorContext tensor) {
        return new OrthogonalArrivals(
                MatrixMerge.shape(tensor), tensor.globals().number("alpha"), State.of(tensor).lambda(), MatrixMerge.NO_DIRECTION);
    }

    @Override
    public Optional<ModelStep> survey(List<TensorContext> tensors) {
        if (tensors.isEmpty()) {
            return Optional.empty();
        }
        List<TensorContext> merged = tensors.stream().filter(tensor -> rule(tensor) != Rule.BASE).toList();
        SameModels.check(
                merged,
                "which have to be compared as a whole",
                "leave the tensor out (matrices or others: base, by a filter on its name), or complete the models");
        TensorContext any = merged.isEmpty() ? tensors.getFirst() : merged.getFirst();
        int models = any.models().size();
        State state = State.of(any);
        for (TensorContext tensor : tensors) {
            if (!State.of(tensor).equals(state)) {
                throw new ConfigException(
                        "opcm: tensors " + any.name() + " and " + tensor.name() + " differ in what the first model holds",
                        "give one " + MERGED + " and " + LAMBDA + " for all tensors");
            }
        }
        return Optional.of(new ModelStep.Survey(
                tensor -> TensorProgram.single(rule(tensor) == Rule.BASE ? new Step.Report(new double[models + 1]) : squares(tensor)),
                facts -> programs(facts, state, models)));
    }

    /** Squared norms of the deltas, then that of the merged sum. */
    private static Step squares(TensorContext tensor) {
        return switch (rule(tensor)) {
            case METHOD -> new Step.Matrices(projection(tensor), Step.Report::new);
            case SUM -> new Step.Gram(true, products -> new Step.Report(squares(products, factors(tensor))));
            case BASE -> throw new IllegalStateException("the base has no norm here");
        };
    }

    /** Factors of the deltas in a sum. */
    private static double[] factors(TensorContext tensor) {
        double[] factors = new double[tensor.models().size()];
        Arrays.fill(factors, 1);
        factors[0] = State.of(tensor).lambda();
        return factors;
    }

    private static double[] squares(double[] products, double[] factors) {
        double[] squares = new double[factors.length + 1];
        int at = 0;
        for (int i = 0; i < factors.length; i++) {
            for (int j = 0; j < i; j++) {
                squares[factors.length] += 2 * factors[i] * factors[j] * products[at++];
            }
            squares[i] = products[at++];
            squares[factors.length] += factors[i] * factors[i] * squares[i];
        }
        return squares;
    }

    private static ModelStep programs(List<TensorFacts> facts, State state, int models) {
        for (TensorFacts tensor : facts) {
            if (!DoubleStream.of(tensor.values()).allMatch(Double::isFinite)) {
                throw new CheckpointException(
                        "tensor '" + tensor.tensor().name()
                                + "' holds NaN or infinite values, and opcm scales by the norms of all tensors",
                        "look for the model that is damaged with ingot inspect --spectrum, or leave the tensor out by a filter");
            }
        }
        double[] norms = IntStream.rangeClosed(0, models)
                .mapToDouble(place -> Math.sqrt(Math.max(0, TensorFacts.total(facts, place))))
                .toArray();
        // The norm of an earlier result is the mean norm of the deltas that it holds.
        double sum = state.experts() * norms[0];
        for (int i = 1; i < models; i++) {
            sum += norms[i];
        }
        double experts = state.experts() + models - 1.0;
        double lambda = sum == 0 || norms[models] == 0 ? 1 : norms[models] / (sum / experts);
        return new ModelStep.Programs(
                tensor -> TensorProgram.single(output(tensor, 1 / lambda)),
                Map.of(MERGED, List.of(experts), LAMBDA, List.of(lambda)));
    }

    private static Step output(TensorContext tensor, double factor) {
        return switch (rule(tensor)) {
            case METHOD -> new Step.Matrices(projection(tensor), facts -> new Step.AddProduct(0, (float) factor));
            case SUM -> new Step.Merge(new DeltaMerge(
                    Arrays.stream(factors(tensor))
                            .mapToObj(weight -> new DeltaMerge.Term((float) weight, 1, Mask.NONE))
                            .toList(),
                    false,
                    false,
                    1,
                    (float) factor));
            case BASE -> new Step.CopyBase();
        };
    }
}
