// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.Cancellation;
import dev.ingot.Ingot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ScratchMergesTest {
    private static final String YAML = "{merge_method: linear, models: [{model: base, parameters: {weight: 1}}]}";

    private final Ingot ingot = Ingot.create();

    private ScratchMerges open() {
        return new ScratchMerges(ingot, Fixtures.llama("family"), new Cancellation());
    }

    @Test
    void resultsLiveWhileTheyAreUsed() {
        List<Path> seen = new ArrayList<>();
        try (ScratchMerges merges = open()) {
            for (int i = 0; i < 2; i++) {
                boolean there = merges.merge(YAML, "yaml", OptionalLong.empty(), model -> {
                    seen.add(model);
                    return Files.exists(model.resolve("model.safetensors"));
                });
                assertThat(there).isTrue();
                assertThat(seen.getLast()).doesNotExist();
                assertThat(merges.seconds()).isPositive();
            }
            assertThat(seen.getFirst().getParent()).isDirectory();
        }
        assertThat(seen.getFirst().getParent()).doesNotExist();
    }

    @Test
    void nothingStaysWhenUsingFails() {
        List<Path> seen = new ArrayList<>();
        assertThatThrownBy(() -> {
            try (ScratchMerges merges = open()) {
                merges.merge(YAML, "yaml", OptionalLong.empty(), model -> {
                    seen.add(model);
                    throw new IllegalStateException("failed");
                });
            }
        }).isInstanceOf(IllegalStateException.class);
        assertThat(seen).hasSize(1);
        assertThat(seen.getFirst().getParent()).doesNotExist();
    }
}
