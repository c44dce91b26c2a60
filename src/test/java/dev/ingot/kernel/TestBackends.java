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
 * @param share   of many cases, one in how many is enough
 */
record TestBackends(String name, Optional<Backend> backend, String detail, int share) {
    TestBackends(String name, Optional<Backend> backend, String detail) {
        this(name, backend, detail, 1);
    }

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

    /** GPUs, or what stands for them: once with as much memory as lanes like, once so little that all is cut into pieces. */
    static List<TestBackends> cuda() {
        return TestGpus.find()
                .map(gpus -> List.of(
                        cuda(gpus, "", CudaBackend.LANE_MEMORY, 1),
                        cuda(gpus, ", little memory", TestGpus.LITTLE_MEMORY, 7)))
                .orElseGet(() -> List.of(new TestBackends(CudaBackend.NAME, Optional.empty(), TestGpus.reason())));
    }

    private static TestBackends cuda(TestGpus gpus, String variant, long memory, int share) {
        Backend backend = gpus.backend(memory);
        return new TestBackends(backend.description() + variant, Optional.of(backend), gpus.driver(), share);
    }

    /** All but the reference. */
    static List<TestBackends> fast() {
        return Stream.concat(cpu().stream(), cuda().stream()).toList();
    }

    /** The test on every backend; where one cannot run it is skipped with the reason. */
    static Stream<DynamicTest> all(Consumer<Backend> test) {
        Backend reference = new ReferenceBackend();
        TestBackends first = new TestBackends(reference.description(), Optional.of(reference), "runs");
        return Stream.concat(Stream.of(first), fast().stream()).map(tested -> tested.test(tested.name(), test));
    }

    DynamicTest test(String title, Consumer<Backend> test) {
        return dynamicTest(title, () -> test.accept(backend.orElseGet(() -> abort(detail))));
    }
}
