// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.Printable;
import dev.ingot.config.NearestName;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A directory with a vector and masks, as its {@value #FILE_NAME} describes it.
 *
 * @param directory where it is
 * @param vector    name of the file by which the vector is opened
 * @param tasks     names of the tasks
 * @param masks     for each, name of the file by which its mask is opened
 * @param rescalers for each, the factor on its share of the vector
 */
public record MaskFolder(
        Path directory, String vector, List<String> tasks, List<String> masks, List<Double> rescalers) {
    /** Name of the description. */
    public static final String FILE_NAME = "masks.json";

    /** What it calls its format. */
    public static final String SCHEMA = "ingot.masks/1";

    /** Copies the lists. */
    public MaskFolder {
        tasks = List.copyOf(tasks);
        masks = List.copyOf(masks);
        rescalers = List.copyOf(rescalers);
    }

    /**
     * Reads the description.
     *
     * @throws CheckpointException if it is missing or wrong
     */
    static MaskFolder read(Path directory) {
        Path file = directory.resolve(FILE_NAME);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    directory + ": there is no " + FILE_NAME, "give a directory that 'ingot masks' has written");
        }
        ModelConfig json = ModelConfig.read(file);
        if (json.string("schema").filter(SCHEMA::equals).isEmpty()) {
            throw wrong(file, "the schema is not " + SCHEMA);
        }
        List<String> tasks = json.strings("tasks");
        List<String> masks = json.strings("masks");
        List<Double> rescalers = json.list("rescalers").orElse(List.of()).stream()
                .map(value -> value instanceof Number number ? number.doubleValue() : Double.NaN)
                .toList();
        String vector = json.string("vector").orElse("");
        if (tasks.isEmpty() || masks.size() != tasks.size() || rescalers.size() != tasks.size()) {
            throw wrong(file, "tasks, masks and rescalers are not of one number");
        }
        if (rescalers.stream().anyMatch(value -> !Double.isFinite(value))) {
            throw wrong(file, "a rescaler is no number");
        }
        if (!isPlainName(vector) || !masks.stream().allMatch(MaskFolder::isPlainName)) {
            throw wrong(file, "vector or masks are not files in the same directory");
        }
        return new MaskFolder(directory, vector, tasks, masks, rescalers);
    }

    private static CheckpointException wrong(Path file, String what) {
        return new CheckpointException(
                Printable.path(file) + ": " + what, "write the masks again with this version's 'ingot masks'");
    }

    /** Files elsewhere must not be opened because a description says so. */
    private static boolean isPlainName(String name) {
        return name.matches("[A-Za-z0-9._-]+") && !name.startsWith(".");
    }

    /**
     * The place of a task.
     *
     * @throws UsageException if there is none of this name
     */
    int task(String name) {
        int place = tasks.indexOf(name);
        if (place < 0) {
            throw new UsageException(
                    directory + ": there is no task " + Printable.quote(name),
                    NearestName.suggest(name, tasks)
                            .map(near -> "did you mean '" + near + "'?")
                            .orElse("its tasks are " + String.join(", ", tasks)));
        }
        return place;
    }

    /** The vector's tensors. */
    Checkpoint openVector() {
        return Checkpoint.open(directory.resolve(vector));
    }

    /** The tensors of a task's mask. */
    Checkpoint openMask(int task) {
        return Checkpoint.open(directory.resolve(masks.get(task)));
    }
}
