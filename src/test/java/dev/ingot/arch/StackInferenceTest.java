// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StackInferenceTest {
    private static List<String> layers(String prefix, int count, String... suffixes) {
        List<String> names = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            for (String suffix : suffixes) {
                names.add(prefix + "." + layer + "." + suffix);
            }
        }
        return names;
    }

    private static List<String> and(List<String> names, String... more) {
        names.addAll(List.of(more));
        return names;
    }

    @Test
    void numbersWithoutAGapAreLayers() {
        assertThat(StackInference.stacks(and(layers("net.cells", 12, "w", "b"), "stem.weight", "out.0.weight")))
                .isEqualTo(Map.of("net.cells", 12));
    }

    @Test
    void sequentialsAreNot() {
        assertThat(StackInference.stacks(and(
                        layers("enc", 3, "q.weight", "k.weight", "v.weight", "o.weight", "up.weight", "down.weight"),
                        "proj.0.weight", "proj.2.weight", "head.0.weight", "head.1.weight")))
                .containsOnlyKeys("enc");
    }

    @Test
    void layersMustBeAlike() {
        List<String> names = layers("enc", 4, "q", "k");
        assertThat(StackInference.stacks(and(names, "x.0.a", "x.0.b", "x.1.c", "x.1.d"))).containsOnlyKeys("enc");
    }

    /** Every second layer of a hybrid has other parts, and experts have numbers of their own. */
    @Test
    void alternatingLayersAreAlikeEnough() {
        List<String> names = layers("m.layers", 4, "norm.weight", "moe.experts.0.w", "moe.experts.1.w");
        assertThat(StackInference.stacks(and(names, "m.layers.1.attn.w", "m.layers.3.attn.w", "m.layers.0.ssm.w", "m.layers.2.ssm.w")))
                .isEqualTo(Map.of("m.layers", 4));
    }

    @Test
    void oneLayerIsEnoughWhereThereIsNothingElse() {
        assertThat(StackInference.stacks(List.of("a.0.x", "a.0.y", "b.0.x", "c"))).isEqualTo(Map.of("a", 1));
        assertThat(StackInference.stacks(List.of("w", "b"))).isEmpty();
    }

    @Test
    void severalStacksAreModules() {
        List<String> names = layers("enc.layers", 2, "w", "b");
        names.addAll(layers("dec.layers", 3, "w", "b"));
        Architecture architecture = Families.load().of(Optional.empty(), Optional.empty(), and(names, "embed.weight", "out.weight"));
        assertThat(architecture.modules()).extracting(ModelModule::name).containsExactly("dec.layers", "enc.layers", "default");
        assertThat(architecture.place("enc.layers.1.w").module().name()).isEqualTo("enc.layers");
        assertThat(architecture.place("embed.weight")).isEqualTo(
                new Place(architecture.modules().getLast(), Role.INPUT, Optional.empty()));
        assertThat(architecture.place("out.weight").role()).isEqualTo(Role.OUTPUT);
    }
}
