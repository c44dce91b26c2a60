// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.ingot.config.Setting.Conditional;
import dev.ingot.config.Setting.FirstMatch;
import dev.ingot.config.Setting.Gradient;
import dev.ingot.error.ConfigException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTest {
    private static final String MLP = "model.layers.3.mlp.up_proj.weight";

    private static Conditional condition(String filter, double value) {
        return new Conditional(Optional.ofNullable(filter), (Setting.Value) Setting.of(value), Position.NONE);
    }

    @Test
    void aNumberIsTheSameEverywhere() {
        assertThat(Setting.of(0.35).evaluate(MLP, 0)).hasValue(0.35);
        assertThat(Setting.of(0.35).evaluate("", 1)).hasValue(0.35);
    }

    /** Numbers of mergekit.md 1.3. */
    @ParameterizedTest
    @CsvSource({"0, 0", "0.25, 0.5", "0.5, 0.3", "0.125, 0.25", "0.75, 0.7", "1, 1"})
    void aGradientIsInterpolated(double t, double expected) {
        assertThat(Setting.gradient(0, .5, .3, .7, 1).evaluate(MLP, t)).hasValue(expected);
    }

    @Test
    void interpolatesInTheOrderOfTheFormula() {
        double s = 1.0 / 3 * 4;
        double f = s - 1;
        assertThat(Setting.gradient(0, .5, .3, .7, 1).evaluate(MLP, 1.0 / 3)).hasValue((1 - f) * .5 + f * .3);
        assertThat((1 - f) * .5 + f * .3).isBetween(0.43333333333333, 0.43333333333334);
    }

    /** mergekit.md 6.1: gradient scale [1, 2, 5] over 4 layers. */
    @Test
    void spreadsAGradientOverLayers() {
        Setting scale = Setting.gradient(1, 2, 5);
        double[] expected = {1, 5.0 / 3, 3, 5};
        for (int layer = 0; layer < 4; layer++) {
            assertThat(scale.evaluate(MLP, layer / 3.0).getAsDouble()).isCloseTo(expected[layer],
                    offset(1e-15));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 1})
    void aGradientOfOneNumberIsConstant(double t) {
        assertThat(Setting.gradient(0.7).evaluate(MLP, t)).hasValue(0.7);
    }

    @Test
    void theFirstConditionThatAcceptsTheTensorCounts() {
        Setting setting = new FirstMatch(
                List.of(condition("self_attn", 1), condition("mlp", 2), condition("up_proj", 3), condition(null, 4)),
                Position.NONE);
        assertThat(setting.evaluate(MLP, 0)).hasValue(2);
        assertThat(setting.evaluate("model.norm.weight", 0)).hasValue(4);
        assertThat(setting.evaluate("", 0)).hasValue(4);
    }

    @Test
    void withoutAMatchNothingIsSet() {
        Setting setting = new FirstMatch(List.of(condition("self_attn", 1)), Position.NONE);
        assertThat(setting.evaluate(MLP, 0)).isEqualTo(OptionalDouble.empty());
    }

    @ParameterizedTest
    @CsvSource({"mlp, true", "MLP, false", "*, true", "m*p, false", ".*, false", "layers.3.mlp, true", "'', true"})
    void filtersAreSubstringsOrAStar(String filter, boolean accepts) {
        assertThat(condition(filter, 1).evaluate(MLP, 0).isPresent()).isEqualTo(accepts);
    }

    @Test
    void onlyAStarAcceptsATensorWithoutName() {
        assertThat(condition("*", 1).evaluate("", 0)).hasValue(1);
        assertThat(condition("", 1).evaluate("", 0)).isEmpty();
    }

    @Test
    void aConditionMayHoldAGradient() {
        Setting setting = new Conditional(
                Optional.of("mlp"), (Setting.Value) Setting.gradient(1, 0), Position.NONE);
        assertThat(setting.evaluate(MLP, 0.25)).hasValue(0.75);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void numbersAreFinite(double value) {
        assertThatThrownBy(() -> Setting.of(value)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> Setting.gradient(1, value)).isInstanceOf(ConfigException.class);
    }

    @Test
    void listsAreNotEmpty() {
        assertThatThrownBy(Setting::gradient).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new FirstMatch(List.of(), Position.NONE)).isInstanceOf(ConfigException.class);
    }

    @Test
    void aNameIsTheSameEverywhereAndNoNumber() {
        Setting name = Setting.of("mean");
        assertThat(name.select(MLP)).contains(new Setting.Name("mean", Position.NONE));
        assertThat(name.select(MLP).orElseThrow().at(0.5)).isEqualTo(new Constant.Name("mean"));
        assertThatThrownBy(() -> name.evaluate(MLP, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Setting.of(" ")).isInstanceOf(ConfigException.class);
    }

    @Test
    void aConditionMayHoldAName() {
        Setting setting = new FirstMatch(
                List.of(new Conditional(Optional.of("mlp"), (Setting.Value) Setting.of("sum"), Position.NONE),
                        new Conditional(Optional.empty(), (Setting.Value) Setting.of("mean"), Position.NONE)),
                Position.NONE);
        assertThat(setting.select(MLP).orElseThrow().at(0)).isEqualTo(new Constant.Name("sum"));
        assertThat(setting.select("norm").orElseThrow().at(1)).isEqualTo(new Constant.Name("mean"));
        assertThat(setting.values()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void depthIsFromZeroToOne(double t) {
        assertThatThrownBy(() -> Setting.of(1).evaluate(MLP, t)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Gradient(List.of(1.0), Position.NONE).at(t))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
