// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.config.ConfigWarning;
import dev.ingot.config.MergeStage;
import dev.ingot.config.MergeStages;
import dev.ingot.error.ResourceException;
import dev.ingot.plan.OutputCheck;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The merges of a configuration file: one, or several of which later ones use the results of earlier ones. Immutable; {@code
 * with...} methods give changed copies.
 *
 * <p>Results that others use go to directories of their names. Unless told otherwise these lie in a hidden directory beside
 * the output, which is there to be removed at the end; until then a repeated run finds in it what is done already.
 */
public final class MergeSequence {
    private final MergeStages merges;
    private final Path file;
    private final Path output;
    private final Path intermediates;
    private final boolean hidden;
    private final UnaryOperator<MergeRequest> options;

    private MergeSequence(
            MergeStages merges,
            Path file,
            Path output,
            Path intermediates,
            boolean hidden,
            UnaryOperator<MergeRequest> options) {
        this.merges = merges;
        this.file = file;
        this.output = output;
        this.intermediates = intermediates;
        this.hidden = hidden;
        this.options = options;
    }

    /**
     * One of the merges.
     *
     * @param name    the name under which others use its result; empty for the final one
     * @param needs   directories of the results that it uses
     * @param request what is to be merged and how
     */
    public record Stage(Optional<String> name, List<Path> needs, MergeRequest request) {
        /** Copies the list. */
        public Stage {
            needs = List.copyOf(needs);
        }

        /** Whether all results that it uses are there. */
        public boolean isReady() {
            return needs.stream().allMatch(result -> Files.isDirectory(result) && !OutputCheck.isStarted(result));
        }
    }

    /**
     * The merges that a YAML file describes.
     *
     * @param config a file of one or more documents in mergekit's dialect
     * @param output the directory that receives the final model
     * @throws dev.ingot.error.ConfigException if the file cannot be read or understood
     */
    public static MergeSequence of(Path config, Path output) {
        Path absolute = output.toAbsolutePath().normalize();
        Path beside = absolute.resolveSibling("." + absolute.getFileName() + ".stages.tmp");
        return new MergeSequence(MergeStages.load(config), config, output, beside, true, request -> request);
    }

    /** Puts the results that others use into this directory, where {@link #removeIntermediates} leaves them. */
    public MergeSequence withIntermediates(Path directory) {
        return new MergeSequence(merges, file, output, directory, false, options);
    }

    /** Changes the requests of all merges in the same way. */
    public MergeSequence withOptions(UnaryOperator<MergeRequest> change) {
        return new MergeSequence(merges, file, output, intermediates, hidden, change);
    }

    /** Where the results that others use go. */
    public Path intermediates() {
        return intermediates;
    }

    /** What the user should know besides the warnings of each merge, one line each. */
    public List<String> warnings() {
        return merges.warnings().stream().map(ConfigWarning::toString).toList();
    }

    /** The merges in the order in which they can be done, the final one last. */
    public List<Stage> stages() {
        MergeStage last = merges.stages().getLast();
        Map<String, Path> results = new LinkedHashMap<>();
        merges.stages().stream()
                .filter(merge -> merge != last)
                .forEach(merge -> results.put(merge.name().orElseThrow(), directory(merge)));
        List<Stage> stages = new ArrayList<>();
        for (MergeStage merge : merges.stages()) {
            Path target = merge == last ? output : directory(merge);
            MergeRequest request = options.apply(MergeRequest.of(merge.config(), file, results, target));
            stages.add(new Stage(
                    merge == last ? Optional.empty() : merge.name(),
                    merges.needs(merge).stream().filter(other -> other != last).map(this::directory).toList(),
                    merge != last && hidden ? request.withOverwrite(true) : request));
        }
        return stages;
    }

    private Path directory(MergeStage merge) {
        return intermediates.resolve(merge.name().orElseThrow());
    }

    /**
     * Removes the results that others used, unless they were given a directory.
     *
     * @throws ResourceException if one cannot be removed
     */
    public void removeIntermediates() {
        if (!hidden || merges.stages().size() < 2) {
            return;
        }
        try {
            for (Stage stage : stages()) {
                if (stage.name().isPresent()) {
                    remove(stage.request().output());
                }
            }
            Files.deleteIfExists(intermediates);
        } catch (DirectoryNotEmptyException e) {
            // Someone else keeps something there.
            return;
        } catch (IOException e) {
            throw new ResourceException(
                    intermediates + ": cannot be removed (" + e.getMessage() + ")",
                    "the merge is complete; remove the directory by hand",
                    e);
        }
    }

    private static void remove(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path path : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
