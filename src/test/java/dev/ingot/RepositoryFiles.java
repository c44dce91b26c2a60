// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The files of this repository, for tests that read its sources and pages. Tests run in its root. */
final class RepositoryFiles {
    /** Absolute path of the repository. */
    static final Path ROOT = Path.of("").toAbsolutePath();

    private RepositoryFiles() {}

    /** The wanted files as paths relative to the root, without what a build or an editor made. */
    static List<Path> matching(Predicate<Path> wanted) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    String name = directory.getFileName().toString();
                    boolean made = name.equals("target") || name.startsWith(".") && !name.equals(".ci");
                    return made && !directory.equals(ROOT) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    Path relative = ROOT.relativize(file);
                    if (wanted.test(relative)) {
                        found.add(relative);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        found.sort(null);
        return found;
    }

    /** The text of a file. */
    static String text(Path relative) {
        try {
            return Files.readString(ROOT.resolve(relative));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
