// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every name that the classes of transformers save is understood. */
class GoldenNamesTest {
    private static final Families FAMILIES = Families.load();
    private static final Set<Role> OTHER = Set.of(Role.INPUT, Role.OUTPUT, Role.BUFFER);

    @TempDir
    private Path directory;

    private static List<GoldenModel> models() {
        return GoldenModel.all();
    }

    @Test
    void everyFamilyHasNames() throws IOException {
        Set<String> seen = new HashSet<>();
        for (GoldenModel model : models()) {
            seen.add(describe(model).name());
        }
        // The rest needs code of its own that transformers does not have.
        assertThat(FAMILIES.names()).allMatch(name -> seen.contains(name) || name.equals("qwen") || name.equals("stablelm_epoch"));
    }

    private Architecture describe(GoldenModel model) throws IOException {
        return FAMILIES.of(Optional.of(model.config(directory)), Optional.empty(), model.tensors().keySet());
    }

    @ParameterizedTest
    @MethodSource("models")
    void rolesAndLayersAreKnown(GoldenModel model) throws IOException {
        Architecture architecture = describe(model);
        assertThat(architecture.isDescribed()).isTrue();
        SoftAssertions.assertSoftly(softly -> model.tensors().forEach((name, expected) -> {
            Place place = architecture.place(name);
            switch (expected.kind()) {
                case 'E' -> softly.assertThat(place.role()).as(name).isEqualTo(Role.EMBEDDING);
                case 'H' -> softly.assertThat(place.role()).as(name).isEqualTo(Role.HEAD);
                case 'B' -> softly.assertThat(place.role()).as(name).isEqualTo(Role.BUFFER);
                case 'L' -> {
                    softly.assertThat(place.role()).as(name).isEqualTo(Role.LAYER);
                    softly.assertThat(place.layer().map(LayerName::layer)).as(name).contains(expected.numbers().getFirst());
                    softly.assertThat(place.layer().map(LayerName::toString)).contains(name);
                }
                default -> {
                    softly.assertThat(place.role()).as(name).isIn(OTHER);
                    softly.assertThat(place.layer()).as(name).isEmpty();
                }
            }
        }));
    }

    /** What the names say of depth is what config.json says. */
    @ParameterizedTest
    @MethodSource("models")
    void layerCountsAreFound(GoldenModel model) throws IOException {
        Architecture architecture = describe(model);
        ModelConfig config = model.config(directory);
        Map<ModelModule, Integer> depths = new HashMap<>();
        model.tensors().keySet().forEach(name -> {
            Place place = architecture.place(name);
            place.layer().ifPresent(layer -> depths.merge(place.module(), layer.layer() + 1, Math::max));
        });
        assertThat(depths).isNotEmpty().allSatisfy((module, depth) -> assertThat(module.countKeys().stream()
                        .flatMap(key -> config.integer(key).stream())
                        .findFirst())
                .as(module.name())
                .contains((long) depth));
    }

    @ParameterizedTest
    @MethodSource("models")
    void tiesAreKnown(GoldenModel model) throws IOException {
        Architecture architecture = describe(model);
        List<List<String>> known = architecture.ties().stream().map(tie -> List.of(tie.tensor(), tie.source())).toList();
        assertThat(model.tied().stream().map(pair -> pair.stream().map(architecture::canonical).toList()))
                .isSubsetOf(known);
        ModelConfig config = model.config(directory);
        boolean head = !model.tied().isEmpty() || model.tensors().values().stream().anyMatch(e -> e.kind() == 'H');
        if (FAMILIES.mayHaveHead(config) && head) {
            assertThat(FAMILIES.tied(config)).contains(!model.tied().isEmpty());
        }
        assertThat(FAMILIES.mayHaveHead(config) || model.tied().stream().noneMatch(pair -> pair.getFirst().contains("head")))
                .isTrue();
    }

    /** Names alone tell the layers too. */
    @ParameterizedTest
    @MethodSource("models")
    void layersAreInferred(GoldenModel model) {
        Architecture architecture = FAMILIES.of(Optional.empty(), Optional.empty(), model.tensors().keySet());
        assertThat(architecture.isDescribed()).isFalse();
        SoftAssertions.assertSoftly(softly -> model.tensors().forEach((name, expected) -> softly.assertThat(
                        architecture.place(name).layer().map(LayerName::layer))
                .as(name)
                .isEqualTo(expected.kind() == 'L' ? Optional.of(expected.numbers().getFirst()) : Optional.empty())));
    }
}
