// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.config.ResolvedParameter.Level;
import org.junit.jupiter.api.Test;

class ParameterResolverTest {
    private static final String TEXT = """
            merge_method: x
            modules:
              default:
                slices:
                  - sources:
                      - model: a
                        layer_range: [0, 2]
                        parameters:
                          weight:
                            - filter: mlp
                              value: 1
                          t: 99
                      - model: b
                        layer_range: [0, 2]
                    parameters:
                      weight:
                        filter: attn
                        value: [2, 4]
                parameters:
                  weight: [{filter: norm, value: 3}]
                  density: 0.5
            parameters:
              weight: 4
              density: 0.7
              t: 0.25
            """;

    private final MergeConfig config = MergeConfig.parse(TEXT, "p.yml");
    private final Layout.OutputModule module = ((Layout.Modules) config.layout()).modules().get("default");
    private final ParameterResolver resolver = ParameterResolver.of(
            ((Layout.Slices) module.layout()).slices().getFirst(), module.parameters(), config.parameters());

    private ResolvedParameter weight(String model, String tensor, double t) {
        return resolver.forModel("weight", ModelReference.of(model), tensor, t).orElseThrow();
    }

    private static ResolvedParameter at(double value, Level level, int line, int column) {
        return new ResolvedParameter(new Constant.Number(value), level, new Position("p.yml", line, column));
    }

    @Test
    void theModelComesFirst() {
        assertThat(weight("a", "layers.0.mlp", 0)).isEqualTo(at(1, Level.MODEL, 11, 26));
    }

    @Test
    void aLevelWhoseConditionsExcludeTheTensorIsPassedOver() {
        assertThat(weight("a", "layers.0.attn", 0.5)).isEqualTo(at(3, Level.SLICE, 18, 20));
        assertThat(weight("a", "norm", 0)).isEqualTo(at(3, Level.MODULE, 20, 38));
        assertThat(weight("a", "head", 0)).isEqualTo(at(4, Level.GLOBAL, 23, 11));
    }

    @Test
    void anotherModelsParametersDoNotCount() {
        assertThat(weight("b", "layers.0.mlp", 0)).isEqualTo(at(4, Level.GLOBAL, 23, 11));
        assertThat(weight("base", "layers.0.attn", 0)).isEqualTo(at(2, Level.SLICE, 18, 20));
    }

    @Test
    void parametersOfTheMethodIgnoreModels() {
        assertThat(resolver.global("t", "layers.0.mlp", 0)).contains(at(0.25, Level.GLOBAL, 25, 6));
        assertThat(resolver.global("density", "x", 0)).contains(at(0.5, Level.MODULE, 21, 16));
    }

    @Test
    void whatIsNowhereSetIsAbsent() {
        assertThat(resolver.global("lambda", "x", 0)).isEmpty();
        assertThat(resolver.forModel("gamma", ModelReference.of("a"), "x", 0)).isEmpty();
    }

    @Test
    void wholeModelsHaveNoSliceLevel() {
        MergeConfig flat = TestConfigs.parse("""
                merge_method: ties
                models:
                - model: a
                  parameters: {weight: 0.5}
                - model: b
                parameters: {weight: true}
                """);
        ParameterResolver whole =
                ParameterResolver.of((Layout.Models) flat.layout(), ParameterMap.EMPTY, flat.parameters());
        assertThat(whole.forModel("weight", ModelReference.of("a"), "x", 0).orElseThrow().value())
                .isEqualTo(new Constant.Number(0.5));
        assertThat(whole.forModel("weight", ModelReference.of("b"), "x", 0).orElseThrow())
                .isEqualTo(new ResolvedParameter(new Constant.Number(1), Level.GLOBAL, new Position("m.yml", 6, 22)));
    }
}
