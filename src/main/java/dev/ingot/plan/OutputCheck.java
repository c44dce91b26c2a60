// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.SafetensorsHeader;
import dev.ingot.error.ResourceException;
import dev.ingot.error.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Stream;

/** Refuses output directories that cannot, or must not, be written, without creating anything. */
public final class OutputCheck {
    private OutputCheck() {}

    /**
     * Refuses to replace files beside the weights, unless a run of this plan was stopped in the directory.
     *
     * @param plan  what would be written
     * @param files names of the files beside the weights
     * @throws UsageException if one of them exists
     */
    public static void requireNew(Plan plan, Collection<String> files) {
        for (String name : files) {
            Path file = plan.output().resolve(name);
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !isUnfinished(plan.output(), plan.hash())) {
                throw new UsageException(
                        file + ": the file exists, and the merge would replace it",
                        "choose another directory, or replace what is there with --overwrite");
            }
        }
    }

    /**
     * @param bytes     what the output will take
     * @param hash      the plan's hash: what an interrupted run of the same plan left may be replaced
     * @param overwrite whether any model may be replaced
     */
    static void check(Path output, Collection<Checkpoint> inputs, long bytes, String hash, boolean overwrite) {
        Path existing = existingAncestor(output);
        try {
            checkNoInput(output, inputs);
            if (existing.equals(output.toAbsolutePath().normalize())) {
                checkContent(output, hash, overwrite);
            }
            if (!Files.isDirectory(existing)) {
                throw new ResourceException(
                        existing + ": is no directory, so " + output + " cannot be created", "choose another output directory");
            }
            if (!Files.isWritable(existing)) {
                throw new ResourceException(
                        existing + ": cannot be written (permission denied)", "choose a directory that you may write to");
            }
            checkSpace(output, existing, bytes);
        } catch (IOException e) {
            throw new ResourceException(
                    output + ": cannot be examined (" + e.getMessage() + ")", "choose another output directory", e);
        }
    }

    private static Path existingAncestor(Path output) {
        Path path = output.toAbsolutePath().normalize();
        while (!Files.exists(path) && path.getParent() != null) {
            path = path.getParent();
        }
        return path;
    }

    private static void checkNoInput(Path output, Collection<Checkpoint> inputs) throws IOException {
        if (!Files.exists(output)) {
            return;
        }
        for (Checkpoint input : inputs) {
            Path directory = input.directory().toAbsolutePath();
            if (Files.isSameFile(output, directory)) {
                throw new UsageException(
                        output + ": the output directory is the input model " + input.location(),
                        "choose another output directory; inputs are never written");
            }
            for (SafetensorsHeader header : input.files()) {
                if (Files.isSameFile(output, header.file().toRealPath().getParent())) {
                    throw new UsageException(
                            output + ": the output directory holds an input, " + header.file().toRealPath(),
                            "choose another output directory; inputs are never written");
                }
            }
        }
    }

    private static void checkContent(Path output, String hash, boolean overwrite) throws IOException {
        if (!overwrite && Files.isDirectory(output) && holdsModel(output) && !isUnfinished(output, hash)) {
            throw new UsageException(
                    output + ": the output directory already holds a model",
                    "choose another directory, or replace the model with --overwrite");
        }
    }

    private static boolean holdsModel(Path output) throws IOException {
        try (Stream<Path> entries = Files.list(output)) {
            return entries.map(path -> path.getFileName().toString())
                    .anyMatch(name -> name.endsWith(".safetensors") || name.endsWith(".safetensors.index.json"));
        }
    }

    /**
     * Refuses a directory with a finished model, before it is known what would be written.
     *
     * @throws UsageException if there is one
     */
    static void requireVacant(Path output) {
        try {
            if (!isStarted(output)) {
                checkContent(output, "", false);
            }
        } catch (IOException e) {
            throw new ResourceException(
                    output + ": cannot be examined (" + e.getMessage() + ")", "choose another output directory", e);
        }
    }

    /** Whether a run is going on here, or was stopped. */
    public static boolean isStarted(Path output) {
        return Files.exists(output.resolve(Plan.JOURNAL), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether a run of this plan was stopped here, perhaps while it gave files their names. */
    private static boolean isUnfinished(Path output, String hash) {
        Path journal = output.resolve(Plan.JOURNAL);
        try {
            return Files.isRegularFile(journal)
                    && Files.readString(journal, StandardCharsets.ISO_8859_1).startsWith(hash);
        } catch (IOException e) {
            throw new ResourceException(
                    journal + ": cannot be read (" + e.getMessage() + ")", "choose another output directory", e);
        }
    }

    private static void checkSpace(Path output, Path existing, long bytes) throws IOException {
        long reusable = 0;
        if (Files.isDirectory(output)) {
            try (Stream<Path> entries = Files.list(output)) {
                for (Path path : entries.toList()) {
                    if (path.getFileName().toString().endsWith(".safetensors.tmp")) {
                        reusable += Files.size(path);
                    }
                }
            }
        }
        long free = Files.getFileStore(existing).getUsableSpace();
        long needed = bytes - Math.min(bytes, reusable) + bytes / 50;
        if (free < needed) {
            throw new ResourceException(
                    output + ": the output takes " + bytes + " bytes, and " + free + " bytes are free on its file system",
                    "free some space, or choose a directory on another file system");
        }
    }
}
