// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.cuda.CudaPlatform;
import dev.ingot.error.DeviceException;
import dev.ingot.error.UsageException;
import dev.ingot.ffi.NativeLibrary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackendsTest {
    private static final NativeLibrary ABSENT = new NativeLibrary.Unavailable("no library for this platform");

    private static final Map<String, String> NO_GPU = Map.of(CudaDetection.DEVICES_VARIABLE, CudaDetection.NONE);

    /** Without native library and GPU. */
    private static Backends backends(Optional<String> isa) {
        CudaPlatform platform = new CudaPlatform.Unavailable("no driver");
        return Backends.of(ABSENT, isa, () -> CudaDetection.of(platform, true, "", ""));
    }

    @Test
    void withoutTheLibraryTheReferenceRunsAndOneReasonIsGiven() {
        Backends backends = backends(Optional.empty());
        Backends.Choice choice = backends.choose("auto");
        assertThat(choice.backend().name()).isEqualTo("reference");
        assertThat(choice.notice()).get().asString().contains("no library for this platform").doesNotContain("\n");
        assertThat(backends.all()).extracting(Backends.Availability::name).containsExactly("cuda", "cpu", "reference");
        assertThat(backends.all().get(1).detail()).isEqualTo("no library for this platform");
        assertThat(backends.choose("reference").notice()).isEmpty();
    }

    @Test
    void whatWasAskedForByNameIsNotReplaced() {
        assertThatThrownBy(() -> backends(Optional.empty()).choose("cpu"))
                .isInstanceOf(DeviceException.class)
                .hasMessage("backend cpu: no library for this platform");
        assertThatThrownBy(() -> backends(Optional.of("avx2")).choose("auto"))
                .isInstanceOf(DeviceException.class);
        assertThat(backends(Optional.of("avx2")).choose("reference").backend().name())
                .isEqualTo("reference");
    }

    @Test
    void anUnknownBackendIsAUsageErrorThatListsTheKnownOnes() {
        UsageException error = catchThrowableOfType(
                UsageException.class, () -> backends(Optional.empty()).choose("gpu"));
        assertThat(error).hasMessage("there is no backend gpu");
        assertThat(error.hint()).contains("auto, cuda, cpu, reference");
    }

    @Test
    void theBestInstructionSetRunsUnlessOneIsForced() {
        List<String> available = availableIsas();
        assertThat(Backends.detect(NO_GPU).choose("auto").backend().description())
                .isEqualTo("cpu (" + available.getLast() + ")");
        for (String isa : available) {
            Backends.Choice choice = Backends.detect(Map.of("INGOT_ISA", isa)).choose("auto");
            assertThat(choice.backend().description()).isEqualTo("cpu (" + isa + ")");
            assertThat(choice.notice()).isEmpty();
        }
    }

    @Test
    void anUnavailableInstructionSetIsAnErrorThatListsTheAvailableOnes() {
        List<String> available = availableIsas();
        Backends backends = Backends.detect(Map.of("INGOT_ISA", "mmx"));
        for (String name : List.of("auto", "cpu")) {
            assertThatThrownBy(() -> backends.choose(name))
                    .isInstanceOf(DeviceException.class)
                    .hasMessage("backend cpu: instruction set mmx is not available here; available: "
                            + String.join(", ", available));
        }
    }

    private static List<String> availableIsas() {
        assumeTrue(NativeLibrary.open() instanceof NativeLibrary.Loaded, "no native library");
        return CpuIsa.all().stream().filter(CpuIsa::available).map(CpuIsa::name).toList();
    }
}
