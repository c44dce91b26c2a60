// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.UsageException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What is in the folders of a family. */
final class FamilyFiles {
    private static final Pattern NAME = Pattern.compile("\\w[\\w.-]{0,99}");

    private FamilyFiles() {}

    /**
     * The entries of a folder that fit the pattern, by name.
     *
     * @param hint what to do if there are none
     * @throws UsageException if the folder cannot be listed or there are none
     */
    static List<Path> list(Path folder, String glob, String hint) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
            entries.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new UsageException(Printable.path(folder) + ": cannot list this folder", hint, e);
        }
        if (files.isEmpty()) {
            throw new UsageException(Printable.path(folder) + ": no file " + glob + " in it", hint);
        }
        files.sort(null);
        return files;
    }

    /** The file's name without what follows its last dot. */
    static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /**
     * Requires that a task's name can stand in file names, configurations and tables.
     *
     * @param source where the name comes from
     * @throws CheckpointException if it cannot
     */
    static String requireName(String name, Path source) {
        if (!NAME.matcher(name).matches()) {
            throw new CheckpointException(
                    Printable.path(source) + ": " + Printable.quote(name) + " is no name for a task",
                    "Use letters, digits, '_', '-' and '.' only.");
        }
        return name;
    }
}
