// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
    private static final List<String> KNOWN =
            List.of("weight", "density", "t", "task_arithmetic", "dare_ties", "dare_linear", "ties", "merge_method");

    @ParameterizedTest
    @CsvSource({
        "weigth, weight", "wieght, weight", "Weight, weight", "weights, weight", "densty, density",
        "task-arithmetic, task_arithmetic", "taskarithmetic, task_arithmetic", "DARE_TIES, dare_ties",
        "dare_tie, dare_ties", "tis, ties", "mergemethod, merge_method", "T, t"
    })
    void suggestsTheNearestName(String written, String meant) {
        assertThat(NearestName.suggest(written, KNOWN)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"lambda", "x", "''", "linear_dare_method"})
    void suggestsNothingFarFetched(String written) {
        assertThat(NearestName.suggest(written, KNOWN)).isEmpty();
    }

    @Test
    void ofEquallyNearNamesTheFirstWins() {
        assertThat(NearestName.suggest("cat", List.of("bat", "rat"))).contains("bat");
        assertThat(NearestName.suggest("cat", List.of("rat", "bat"))).contains("rat");
    }

    @Test
    void longTextCostsNothing() {
        assertThat(NearestName.suggest("x".repeat(5_000_000), KNOWN)).isEmpty();
    }
}
