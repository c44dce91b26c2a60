// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.ingot.ffi.NativeLibrary;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * A backend with an instruction set, for tests.
 *
 * @param name    what runs
 * @param backend the backend, if it can run here
 * @param detail  why not, otherwise
 */
record TestBackends(String name, Optional<Backend> backend, String detail) {
    /** The native backend with every instruction set it was built for. */
    static List<TestBackends> cpu() {
        return switch (NativeLibrary.open()) {
            case NativeLibrary.Unavailable(String reason) ->
                List.of(new TestBackends(CpuBackend.NAME, Optional.empty(), "no native library: " + reason));
            case NativeLibrary.Loaded loaded -> CpuIsa.all().stream().map(TestBackends::cpu).toList();
        };
    }

    private static TestBackends cpu(CpuIsa isa) {
        Backend backend = new CpuBackend(isa);
        return isa.available()
                ? new TestBackends(backend.description(), Optional.of(backend), "runs")
                : new TestBackends(backend.description(), Optional.empty(), "this processor cannot run it");
    }

    /** The test on every backend; where one cannot run it is skipped with the reason. */
    static Stream<DynamicTest> all(Consumer<Backend> test) {
        Backend reference = new ReferenceBackend();
        TestBackends first = new TestBackends(reference.description(), Optional.of(reference), "runs");
        return Stream.concat(Stream.of(first), cpu().stream()).map(tested -> tested.test(tested.name(), test));
    }

    DynamicTest test(String title, Consumer<Backend> test) {
        return dynamicTest(title, () -> test.accept(backend.orElseGet(() -> abort(detail))));
    }
}
