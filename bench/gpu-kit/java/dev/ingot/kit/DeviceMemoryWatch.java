// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Samples how much of the GPUs' memory is taken, by all programs, while something runs. The driver's own part of a process
 * (its context) is in it.
 */
final class DeviceMemoryWatch implements AutoCloseable {
    private static final long MEBI = 1L << 20;

    private final Process sampler;
    private final Path samples;

    private DeviceMemoryWatch(Process sampler, Path samples) {
        this.sampler = sampler;
        this.samples = samples;
    }

    /** Starts sampling; without {@code nvidia-smi}, or with the emulated driver, nothing is sampled. */
    static DeviceMemoryWatch start(Kit kit, String name) throws IOException {
        Path samples = kit.work().resolve(name + ".memory");
        if (kit.shim() || Kit.program("nvidia-smi").isEmpty()) {
            return new DeviceMemoryWatch(null, samples);
        }
        return new DeviceMemoryWatch(
                new ProcessBuilder("nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "-lms", "100")
                        .redirectOutput(samples.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start(),
                samples);
    }

    /** The difference between the most and the least that was taken, in bytes. */
    OptionalLong bytes() throws IOException {
        if (sampler == null || !Files.exists(samples)) {
            return OptionalLong.empty();
        }
        long[] mebibytes = Files.readAllLines(samples).stream()
                .map(String::strip)
                .filter(line -> line.matches("\\d+"))
                .mapToLong(Long::parseLong)
                .sorted()
                .toArray();
        return mebibytes.length == 0
                ? OptionalLong.empty()
                : OptionalLong.of((mebibytes[mebibytes.length - 1] - mebibytes[0]) * MEBI);
    }

    @Override
    public void close() {
        if (sampler != null) {
            sampler.destroyForcibly();
        }
    }
}
