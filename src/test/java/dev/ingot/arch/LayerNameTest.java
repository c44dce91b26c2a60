// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerNameTest {
    @ParameterizedTest
    @CsvSource({
        "h.0.w, h, 0, w",
        "model.layers.17.mlp.experts.3.w1.weight, model.layers, 17, mlp.experts.3.w1.weight",
        "a.b1.2c.99999999.x, a.b1.2c, 99999999, x",
        "a.007.5.x, a.007, 5, x",
        "a.123456789.5.x, a.123456789, 5, x",
        "a..b.1.x, a..b, 1, x"
    })
    void theFirstNumberIsTheLayer(String name, String prefix, int layer, String suffix) {
        assertThat(LayerName.parse(name)).contains(new LayerName(prefix, layer, suffix));
        assertThat(LayerName.parse(name).orElseThrow()).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "w", "a.b", "a.1", "a.1.", "1.a", ".1.a", "a..1.x", "a.01.x", "a.1b.x", "a.-1.x", "a.\u0661.x", "a.123456789.x"})
    void otherNamesAreOutsideOfLayers(String name) {
        assertThat(LayerName.parse(name)).isEmpty();
    }

    @Test
    void otherLayersHaveTheSameParts() {
        assertThat(new LayerName("a.b", 3, "c.4.d").at(12)).hasToString("a.b.12.c.4.d");
    }
}
