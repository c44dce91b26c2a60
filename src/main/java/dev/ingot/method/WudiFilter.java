// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import dev.ingot.matrix.SpectralFilter;
import dev.ingot.matrix.SpectralRank;
import dev.ingot.matrix.WudiSpectrum;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Closed forms of WUDI's steps (arXiv 2606.07289): filters of the eigenvalues of its loss. */
final class WudiFilter extends ScaledMatrixMerge {
    private static final Parameter.Range POSITIVE = IterativeParameters.POSITIVE;

    /** How far a direction goes to the minimum. */
    enum Filter {
        EXPONENTIAL,
        TIKHONOV,
        LANDWEBER,
        NONE
    }

    private static final Parameter RATIO = Parameter.number(
            "truncate_rank_ratio",
            Parameter.Level.GLOBAL,
            0.65,
            Parameter.Range.FRACTION,
            "share of the directions that is used, those with the largest eigenvalues");

    private static final Parameter MEASURE = Parameter.choice(
            "auto_rank_method",
            Parameter.Level.GLOBAL,
            SpectralRank.Measure.class,
            SpectralRank.Measure.PARTICIPATION_SQRT,
            "how many directions a spectrum has, which are used");

    private WudiFilter(String name, String title, String summary, Filter filter, double time, Parameter... own) {
        super(new MethodSpec(
                name,
                title,
                Optional.of(new MethodSpec.Paper(
                        "Closed-Form Spectral Regularization for Multi-Task Model Merging",
                        "https://arxiv.org/abs/2606.07289")),
                summary,
                parameters(Others.AVERAGE, Stream.concat(Stream.of(own), common(filter, time)).toArray(Parameter[]::new)),
                MethodSpec.BaseRole.ORIGIN,
                1,
                DeltaMerge.MAX_TERMS,
                false));
    }

    private static Stream<Parameter> common(Filter filter, double time) {
        return Stream.of(
                Parameter.choice(
                        "filter_type",
                        Parameter.Level.GLOBAL,
                        Filter.class,
                        filter,
                        "how far a direction of eigenvalue l goes to the minimum; none: all the way"),
                Parameter.number(
                        "exp_time",
                        Parameter.Level.GLOBAL,
                        time,
                        POSITIVE,
                        "t of exponential, 1 - exp(-l t); 300 to 1300 recommended"),
                Parameter.number(
                        "tikhonov_alpha",
                        Parameter.Level.GLOBAL,
                        0.01,
                        POSITIVE,
                        "a of tikhonov, l / (l + a); recommended 0.001 to 0.1"),
                Parameter.number(
                        "landweber_steps",
                        Parameter.Level.GLOBAL,
                        150,
                        new Parameter.Range(1, false, 1e6),
                        "k of landweber, 1 - (1 - eta l)^k"),
                Parameter.number(
                        "landweber_eta_ratio",
                        Parameter.Level.GLOBAL,
                        0.9,
                        Parameter.Range.FRACTION,
                        "eta of landweber times the largest eigenvalue"),
                Start.SUM.parameter(),
                Parameter.number(
                        "min_eigenvalue",
                        Parameter.Level.GLOBAL,
                        1e-8,
                        new Parameter.Range(0, true, 1),
                        "eigenvalues below count as this"),
                SCALE);
    }

    /** The method with each of the three ways to choose directions. */
    static List<MergeMethod> methods() {
        return List.of(
                new WudiFilter(
                        "iwudi",
                        "IWUDI",
                        "closed form of WUDI's steps: all directions through a soft filter, or the minimum itself",
                        Filter.EXPONENTIAL,
                        300),
                new WudiFilter(
                        "swudi",
                        "SWUDI",
                        "closed form of WUDI's steps in the directions with the largest eigenvalues",
                        Filter.EXPONENTIAL,
                        1300,
                        RATIO),
                new WudiFilter(
                        "aswudi",
                        "ASWUDI",
                        "the minimum of WUDI's loss in as many directions as each matrix seems to have",
                        Filter.NONE,
                        1300,
                        MEASURE));
    }

    @Override
    MatrixProgram program(TensorContext context, MatrixShape shape) {
        ParameterValues values = context.globals();
        return new WudiSpectrum(
                shape,
                switch (values.choice("filter_type", Filter.class)) {
                    case EXPONENTIAL -> new SpectralFilter.Exponential(values.number("exp_time"));
                    case TIKHONOV -> new SpectralFilter.Tikhonov(values.number("tikhonov_alpha"));
                    case LANDWEBER -> new SpectralFilter.Landweber(
                            WholeNumber.of(context, "landweber_steps"), values.number("landweber_eta_ratio"));
                    case NONE -> new SpectralFilter.None();
                },
                rank(values),
                Start.of(values).share(shape.models()),
                values.number("min_eigenvalue"));
    }

    private SpectralRank rank(ParameterValues values) {
        if (spec().parameter(MEASURE.name()).isPresent()) {
            return new SpectralRank.Effective(values.choice(MEASURE.name(), SpectralRank.Measure.class));
        }
        return new SpectralRank.Share(values.optional(RATIO.name()).orElse(1));
    }
}
