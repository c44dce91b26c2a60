// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.error.ResourceException;
import dev.ingot.error.UsageException;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.linalg.LinearAlgebra;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpectrumTest {
    private static final Shape TALL = Shape.of(4, 3);

    @TempDir
    private Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeEach
    void needsOpenBlas() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
    }

    private Path model(String name, TestTensor... tensors) throws IOException {
        TestCheckpoint.write(directory.resolve(name), List.of(tensors));
        return directory.resolve(name);
    }

    private static TestTensor tensor(String name, Shape shape, float... values) {
        return TestTensor.of(name, Dtype.F32, shape, values);
    }

    private Spectrum spectrum(SpectrumRequest request) {
        return ingot.spectrum(request, ProgressListener.NONE, new Cancellation());
    }

    private static Spectrum.Values only(Spectrum spectrum) {
        return spectrum.matrices().getFirst().values().getFirst().orElseThrow();
    }

    @Test
    void valuesAndRanksOfAKnownMatrix() throws IOException {
        // Orthogonal columns of lengths 1, 2 and 2.
        Path model = model("m.safetensors", tensor("w", TALL, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, -2));
        Spectrum.Values values = only(spectrum(SpectrumRequest.of(List.of(model)).withTop(2)));
        assertThat(values.leading()).containsExactly(2.0, 2.0);
        assertThat(values.nuclear()).isEqualTo(5, within(1e-6));
        assertThat(values.frobenius()).isEqualTo(3, within(1e-6));
        assertThat(values.stableRank()).isEqualTo(9.0 / 4, within(1e-6));
        double entropy = -(0.2 * Math.log(0.2) + 2 * 0.4 * Math.log(0.4));
        assertThat(values.effectiveRank()).isEqualTo(Math.exp(entropy), within(1e-6));
    }

    @Test
    void ofTheDifferenceFromABase() throws IOException {
        Path base = model("b.safetensors", tensor("w", TALL, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
        Path model = model("m.safetensors", tensor("w", TALL, 1, 2, 3, 4, 5, 9, 7, 8, 9, 10, 11, 12));
        Spectrum.Values values = only(spectrum(SpectrumRequest.of(List.of(model)).withBase(base)));
        assertThat(values.largest()).isEqualTo(3);
        assertThat(values.effectiveRank()).isEqualTo(1, within(1e-6));
        Spectrum.Values none = only(spectrum(SpectrumRequest.of(List.of(base)).withBase(base)));
        assertThat(List.of(none.nuclear(), none.effectiveRank(), none.stableRank())).containsOnly(0.0);
    }

    @Test
    void leftSubspacesAreThoseOfTheOutputs() throws IOException {
        // Expert a writes to outputs 0 and 1, b to 1 and 2 (through other inputs), c nothing.
        Path base = model("b.safetensors", tensor("m.layers.10.w", TALL, new float[12]));
        Path a = model("a.safetensors", tensor("m.layers.10.w", TALL, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0));
        Path b = model("c.safetensors", tensor("m.layers.10.w", TALL, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0));
        Spectrum spectrum = spectrum(SpectrumRequest.of(List.of(a, b, base)).withBase(base).withTop(2));
        List<Spectrum.Overlap> overlaps = spectrum.matrices().getFirst().overlaps();
        assertThat(overlaps.get(0).share().orElseThrow()).isEqualTo(0.5, within(1e-6));
        assertThat(overlaps.get(1)).isEqualTo(new Spectrum.Overlap(0, 2, OptionalDouble.empty()));
        assertThat(spectrum.layers()).hasSize(1);
        assertThat(spectrum.layers().getFirst().name()).isEqualTo("m.layers.10");
        assertThat(spectrum.layers().getFirst().overlaps().getFirst().share().orElseThrow()).isEqualTo(0.5, within(1e-6));
    }

    @Test
    void whatIsNoMatrixIsPassedOverAndWhatDoesNotFitIsTold() throws IOException {
        Path base = model("b.safetensors", tensor("w", Shape.of(2, 2), 1, 2, 3, 4), tensor("v", Shape.of(2), 1, 2));
        Path model = model("m.safetensors", tensor("w", TALL, new float[12]), tensor("v", Shape.of(2), 1, 2),
                tensor("x", Shape.of(1, 1), 5));
        Spectrum spectrum = spectrum(SpectrumRequest.of(List.of(model)).withBase(base));
        assertThat(spectrum.matrices()).isEmpty();
        assertThat(spectrum.warnings()).satisfiesExactly(
                warning -> assertThat(warning).contains("'w' has shape [4, 3], not [2, 2]"),
                warning -> assertThat(warning).contains("'x' is not in the base model"),
                warning -> assertThat(warning).contains("no tensor with two dimensions"));
    }

    @Test
    void notANumberIsTold() throws IOException {
        Path model = model("m.safetensors", tensor("w", Shape.of(1, 2), 1, Float.NaN), tensor("x", Shape.of(1, 2), 3, 4));
        Spectrum spectrum = spectrum(SpectrumRequest.of(List.of(model)));
        assertThat(spectrum.warnings()).hasSize(1).first().asString().contains("tensor 'w' holds NaN");
        assertThat(spectrum.matrices().get(0).values()).containsExactly(Optional.empty());
        assertThat(spectrum.matrices().get(1).values().getFirst().orElseThrow().largest()).isEqualTo(5, within(1e-6));
    }

    @Test
    void memoryIsStatedAndRefused() throws IOException {
        float[] values = new float[300 * 200];
        values[0] = 1;
        Path model = model("m.safetensors", tensor("w", Shape.of(300, 200), values));
        SpectrumRequest request = SpectrumRequest.of(List.of(model)).withThreads(1);
        long needed = spectrum(request).memory();
        assertThat(spectrum(request.withMemory(needed)).memory()).isEqualTo(needed);
        assertThatThrownBy(() -> spectrum(request.withMemory(needed - 1)))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("tensor 'w' [300, 200] needs");
    }

    @Test
    void stopsWhenCancelled() throws IOException {
        Path model = model("m.safetensors", tensor("w", Shape.of(1, 2), 3, 4));
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        assertThatThrownBy(() -> ingot.spectrum(
                        SpectrumRequest.of(List.of(model)), ProgressListener.NONE, cancellation))
                .isInstanceOf(InterruptedMergeException.class);
    }

    @Test
    void requestsThatMakeNoSense() {
        assertThatThrownBy(() -> SpectrumRequest.of(List.of())).isInstanceOf(UsageException.class);
        SpectrumRequest request = SpectrumRequest.of(List.of(directory));
        assertThatThrownBy(() -> request.withTop(0)).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> request.withThreads(0)).isInstanceOf(UsageException.class);
    }

    @Test
    void threadsDoNotChangeTheResult() throws IOException {
        TestTensor[] tensors = new TestTensor[6];
        for (int t = 0; t < tensors.length; t++) {
            float[] values = new float[40 * 25];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sin(i * (t + 1.3));
            }
            tensors[t] = tensor("w" + t, Shape.of(40, 25), values);
        }
        SpectrumRequest request = SpectrumRequest.of(List.of(model("m.safetensors", tensors)));
        assertThat(spectrum(request.withThreads(5)).matrices()).isEqualTo(spectrum(request.withThreads(1)).matrices());
    }
}
