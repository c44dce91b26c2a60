// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.Cancellation;
import dev.ingot.Ingot;
import dev.ingot.MergeRequest;
import dev.ingot.ProgressListener;
import dev.ingot.error.ResourceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/** Merges whose results are looked at once and deleted. */
final class ScratchMerges implements AutoCloseable {
    private static final double NANOS = 1e9;
    private static final String HINT = "set TMPDIR to a directory with room for a merged model";

    private final Ingot ingot;
    private final Path models;
    private final Cancellation cancellation;
    private final Path folder;
    private double seconds;

    /**
     * Makes a temporary directory.
     *
     * @param models the directory in which relative model paths are looked up
     * @throws ResourceException if it cannot be made
     */
    ScratchMerges(Ingot ingot, Path models, Cancellation cancellation) {
        this.ingot = ingot;
        this.models = models;
        this.cancellation = cancellation;
        try {
            folder = Files.createTempDirectory("ingot-quality");
        } catch (IOException e) {
            throw new ResourceException("a temporary directory cannot be made: " + e.getMessage(), HINT, e);
        }
    }

    /**
     * Merges, uses the result and deletes it.
     *
     * @param yaml   the merge configuration
     * @param source what messages call it
     * @param seed   seed of random masks; 0 if empty
     * @param use    is given the merged model's directory
     * @return what {@code use} returned
     * @throws dev.ingot.error.IngotException if the merge fails
     */
    <T> T merge(String yaml, String source, OptionalLong seed, Function<Path, T> use) {
        Path out = folder.resolve("merged");
        MergeRequest request = MergeRequest.ofYaml(yaml, source, models, out)
                .withModelCard(false)
                .withTokenizerCopy(false)
                .withSeed(seed.orElse(0));
        long start = System.nanoTime();
        Path merged = ingot.merge(request, ProgressListener.NONE, cancellation).output();
        seconds = (System.nanoTime() - start) / NANOS;
        T result = use.apply(merged);
        delete(out);
        return result;
    }

    /** How long the last merge took. */
    double seconds() {
        return seconds;
    }

    private static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new ResourceException("temporary files cannot be deleted: " + e.getMessage(), HINT, e);
        }
    }

    @Override
    public void close() {
        delete(folder);
    }
}
