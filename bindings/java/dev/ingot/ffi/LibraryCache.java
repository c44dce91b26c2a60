// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * Folders, best first, that keep copies of bundled libraries as {@code <root>/<sha256>/<file>}. What is loaded from there
 * runs with the user's rights, so a folder that somebody else could write to is never used.
 *
 * @param roots absolute folders, created when needed
 */
record LibraryCache(List<Path> roots) {
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    LibraryCache {
        roots = List.copyOf(roots);
    }

    /**
     * {@code $XDG_CACHE_HOME/ingot/native}, else {@code ~/.cache/ingot/native}, else a folder of the user's own in the
     * temporary one.
     */
    static LibraryCache standard(UnaryOperator<String> environment) {
        List<Path> roots = new ArrayList<>();
        addAbsolute(roots, environment.apply("XDG_CACHE_HOME"), "ingot", "native");
        addAbsolute(roots, System.getProperty("user.home"), ".cache", "ingot", "native");
        addAbsolute(roots, System.getProperty("java.io.tmpdir"), "ingot-native-" + System.getProperty("user.name"));
        return new LibraryCache(roots);
    }

    private static void addAbsolute(List<Path> roots, String base, String... more) {
        if (base == null || base.isEmpty()) {
            return;
        }
        try {
            Path root = Path.of(base, more);
            // The XDG base directory specification says to ignore relative paths; a user without a home has "?".
            if (root.isAbsolute()) {
                roots.add(root);
            }
        } catch (InvalidPathException e) {
            // A place that cannot be named is no place; the next one is taken.
        }
    }

    /** Bytes that can be read as often as needed. */
    interface Content {
        InputStream open() throws IOException;
    }

    /**
     * A file of a bundle, described without reading it: archives keep these two numbers in their table of contents.
     *
     * @param name    file name
     * @param size    length in bytes
     * @param crc     CRC-32 of the content
     * @param content the bytes
     */
    record Part(String name, long size, long crc, Content content) {
        private boolean isIn(Path file) throws IOException {
            return Files.isRegularFile(file) && Files.size(file) == size && crc32(file) == crc;
        }
    }

    private interface Step {
        Path in(Path root) throws IOException;
    }

    /**
     * Gives a file with exactly this content, written anew unless the one already there is the same.
     *
     * @throws IOException if no root can be used; the message tells why for each
     */
    Path store(byte[] content, String file) throws IOException {
        String hash = sha256(content);
        return inFirstUsable(root -> {
            Path folder = folder(root, hash);
            place(root, folder, file, () -> new ByteArrayInputStream(content),
                    target -> Files.isRegularFile(target) && sha256(Files.readAllBytes(target)).equals(hash));
            return folder.resolve(file);
        });
    }

    /**
     * Gives a folder with exactly these files, each written anew unless the one already there has its size and CRC-32.
     * Nothing is unpacked when all are there, which for a large library is most of the time that opening it takes. The
     * folder is named by the SHA-256 of the files' names, sizes and CRC-32 instead of that of their content: nobody else
     * can write there, so only damage and other versions have to be told apart.
     *
     * @throws IOException if no root can be used; the message tells why for each
     */
    Path storeAll(List<Part> parts) throws IOException {
        String listing = parts.stream()
                .map(part -> part.name() + " " + part.size() + " " + part.crc() + "\n")
                .collect(Collectors.joining());
        String hash = sha256(listing.getBytes(StandardCharsets.UTF_8));
        return inFirstUsable(root -> {
            Path folder = folder(root, hash);
            for (Part part : parts) {
                place(root, folder, part.name(), part.content(), part::isIn);
            }
            return folder;
        });
    }

    private Path inFirstUsable(Step step) throws IOException {
        List<String> failures = new ArrayList<>();
        for (Path root : roots) {
            try {
                return step.in(root);
            } catch (IOException e) {
                failures.add(e.toString());
            }
        }
        throw new IOException(failures.isEmpty() ? "none is configured" : String.join("; ", failures));
    }

    private interface Check {
        boolean isRight(Path file) throws IOException;
    }

    private static Path folder(Path root, String hash) throws IOException {
        return Files.createDirectories(root.resolve(hash), ownerOnly(root));
    }

    private static void place(Path root, Path folder, String file, Content content, Check check) throws IOException {
        Path temporary = Files.createTempFile(folder, file, ".tmp");
        try {
            requirePrivate(root, temporary);
            requirePrivate(folder, temporary);
            Path target = folder.resolve(file);
            if (check.isRight(target)) {
                return;
            }
            try (InputStream in = content.open(); OutputStream out = Files.newOutputStream(temporary)) {
                in.transferTo(out);
            }
            // Another process may do the same right now: both write the same bytes, and neither sees half a file.
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** The owner of a file just created is this process's user, whom Java does not name otherwise. */
    private static void requirePrivate(Path folder, Path ownFile) throws IOException {
        if (!isPosix(folder)) {
            return;
        }
        if (!Files.getOwner(folder).equals(Files.getOwner(ownFile))) {
            throw new IOException(folder + " belongs to somebody else");
        }
        if (Files.getPosixFilePermissions(folder).stream().anyMatch(OTHERS_WRITE::contains)) {
            throw new IOException(folder + " can be written by others");
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path path) {
        return isPosix(path)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static long crc32(Path file) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                crc.update(buffer, 0, read);
            }
        }
        return crc.getValue();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
