// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.cuda.PinnedMemory;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.TestGpus;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is timed on a GPU is what is timed on the host: the same bytes come out of it. */
class CudaStandTest {
    /** More than is taken whole for a sample, and no multiple of anything. */
    private static final long ELEMENTS = 70_001;

    private static final int TENSORS = 2;

    @ParameterizedTest
    @EnumSource(value = Dtype.class, names = {"BF16", "F16", "F32"})
    void everyOperationGivesTheBytesOfTheHost(Dtype dtype) {
        Optional<TestGpus> gpus = TestGpus.find();
        assumeTrue(gpus.isPresent(), gpus.isPresent() ? "" : TestGpus.reason());
        Backend host = Backends.detect(Map.of()).choose("reference").backend();
        List<RoundPlan> plans = Stream.of(Operation.values()).map(one -> new RoundPlan(one, TENSORS)).toList();
        try (WorkerTeam team = new WorkerTeam(host, 2);
                DeviceQueue queue = new DeviceQueue(gpus.get().gpus().getFirst(), gpus.get().image());
                HostLoaded expected = new HostLoaded(team, dtype, ELEMENTS, plans, 4096);
                DeviceLoaded actual = new DeviceLoaded(queue, team, dtype, ELEMENTS, plans, 4096)) {
            for (RoundPlan plan : plans) {
                assertThat(expected.run(plan)).isPositive();
                assertThat(actual.run(plan)).isNotNegative();
                if (plan.operation().writes()) {
                    MemorySegment result = expected.result(plan.operation());
                    assertThat(MemorySegment.mismatch(
                                    result, 0, result.byteSize(),
                                    downloaded(queue, actual.result(plan.operation())), 0, result.byteSize()))
                            .as(plan.operation().label())
                            .isEqualTo(-1);
                }
            }
        }
    }

    private static MemorySegment downloaded(DeviceQueue queue, MemorySegment device) {
        try (PinnedMemory pinned = PinnedMemory.allocate(device.byteSize())) {
            queue.stream().copyToHost(device, pinned.segment());
            queue.stream().synchronize();
            return MemorySegment.ofArray(pinned.segment().toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
