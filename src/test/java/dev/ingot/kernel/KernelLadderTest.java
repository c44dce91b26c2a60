// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;

/**
 * Every kernel on every backend and instruction set against the reference: all bytes must be equal, over sizes, element
 * types, unaligned starts, special values, masks and numbers of models. What cannot run here is reported as skipped.
 */
class KernelLadderTest {
    private record Family(String name, Supplier<List<KernelCase>> cases) {}

    private static final List<Family> FAMILIES = List.of(
            new Family("convert", ElementwiseCases::convert),
            new Family("weightedSum", ElementwiseCases::weightedSum),
            new Family("deltaMerge", ElementwiseCases::deltaMerge),
            new Family("deltaSums", ReadingCases::deltaSums),
            new Family("gram", ReadingCases::gram),
            new Family("selectScan", ReadingCases::selectScan),
            new Family("otherSelection", ReadingCases::otherSelection),
            new Family("formula", FormulaCases::formula),
            new Family("rankedMask", RankedCases::masks),
            new Family("bandMask", RankedCases::bands),
            new Family("rowRanks", FormulaCases::ranks));

    @TestFactory
    Stream<DynamicNode> everyBackendGivesTheBytesOfTheReference(TestReporter reporter) {
        List<TestBackends> backends = TestBackends.fast();
        backends.forEach(tested -> reporter.publishEntry(tested.name(), tested.detail()));
        return backends.stream().map(tested -> dynamicContainer(tested.name(), FAMILIES.stream()
                .map(family -> tested.test(family.name(), backend -> compare(backend, family.cases().get(), tested.share())))));
    }

    private static void compare(Backend backend, List<KernelCase> cases, int share) {
        assertThat(cases).hasSizeGreaterThan(100);
        try (Kernels reference = new ReferenceBackend().open();
                Kernels tested = backend.open()) {
            for (int i = 0; i < cases.size(); i += share) {
                KernelCase one = cases.get(i);
                byte[] expected = one.run(reference);
                byte[] actual = one.run(tested);
                int difference = Arrays.mismatch(expected, actual);
                assertThat(difference)
                        .as("first different byte of %d on %s in %s", expected.length, backend.description(), one)
                        .isEqualTo(-1);
            }
        }
    }
}
