// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.ingot.ffi.NativeLibrary;
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
            new Family("otherSelection", ReadingCases::otherSelection));

    @TestFactory
    Stream<DynamicNode> everyBackendGivesTheBytesOfTheReference(TestReporter reporter) {
        return switch (NativeLibrary.open()) {
            case NativeLibrary.Unavailable(String reason) ->
                Stream.of(dynamicTest("cpu", () -> abort("no native library: " + reason)));
            case NativeLibrary.Loaded loaded -> {
                reporter.publishEntry("instruction sets", CpuIsa.all().toString());
                yield CpuIsa.all().stream().map(KernelLadderTest::ladder);
            }
        };
    }

    private static DynamicNode ladder(CpuIsa isa) {
        String name = "cpu (" + isa.name() + ")";
        if (!isa.available()) {
            return dynamicTest(name, () -> abort("this processor cannot run " + isa.name()));
        }
        Backend backend = new CpuBackend(isa);
        return dynamicContainer(name, FAMILIES.stream()
                .map(family -> dynamicTest(family.name(), () -> compare(backend, family.cases().get()))));
    }

    private static void compare(Backend backend, List<KernelCase> cases) {
        assertThat(cases).hasSizeGreaterThan(100);
        try (Kernels reference = new ReferenceBackend().open();
                Kernels tested = backend.open()) {
            for (KernelCase one : cases) {
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
