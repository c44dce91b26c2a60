// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The rules between packages, read from the sources. The order of the rooms is stated here and nowhere else; what each
 * room is for is in {@code docs/architecture.md}.
 */
class ArchitectureTest {
    /** The package {@code dev.ingot} itself. */
    private static final String ROOT = "root";

    /** The rooms, lowest first. A room may use those of earlier lines, and not its neighbours on its own. */
    private static final List<List<String>> ROOMS = List.of(
            List.of("error"),
            List.of("checkpoint"),
            List.of("config", "arch"),
            List.of("tokenizer"),
            List.of("ffi"),
            List.of("cuda"),
            List.of("kernel"),
            List.of("linalg"),
            List.of("matrix"),
            List.of("method"),
            List.of("plan"),
            List.of("exec"),
            List.of("report", "measure"),
            List.of(ROOT),
            List.of("eval"),
            List.of("cli"));

    /** Rooms that may use less than what lies below them. */
    private static final Map<String, Set<String>> NARROWER = Map.of(
            "error", Set.of(),
            "eval", Set.of("error", "checkpoint", ROOT),
            "cli", Set.of("error", "eval", ROOT));

    /** What methods must not see: files, addresses, threads. */
    private static final Pattern NOT_FOR_METHODS =
            Pattern.compile("\\bjava\\.(nio\\.file|lang\\.foreign|util\\.concurrent)\\b");

    private static final Pattern NOT_FOR_LIBRARIES =
            Pattern.compile("\\bSystem\\s*\\.\\s*(out|err|exit)\\b|\\bprintStackTrace\\(\\s*\\)|\\.\\s*halt\\(");

    /** Formatting as the machine's language wants it, which would put its digits into file names and JSON. */
    private static final Pattern NO_LOCALE =
            Pattern.compile("\\bString\\s*\\.\\s*format\\s*\\(\\s*+(?!Locale\\b)|\\.\\s*formatted\\s*\\(");

    private static final int MOST_LINES = 600;
    private static final String LICENSE = "SPDX-License-Identifier: Apache-2.0";
    private static final Pattern SOURCE = Pattern.compile(
            "(.*\\.(java|h|cpp|cu|cmake|sh|py|md|svg|yml|properties)|CMakeLists\\.txt)");
    private static final Pattern ROOM = Pattern.compile("\\bdev\\.ingot\\b(?:\\s*\\.\\s*([a-z]\\w*))?");
    /** Strings first, so that what looks like a comment inside of one is none. */
    private static final Pattern NO_CODE = Pattern.compile("\"\"\"(?:[^\\\\\"]|\\\\.|\"(?!\"\"))*+\"\"\""
            + "|\"(?:[^\\\\\"\\n]|\\\\.)*+\""
            + "|'(?:[^\\\\'\\n]|\\\\.)*+'|//[^\\n]*+|/\\*(?:[^*]|\\*(?!/))*+\\*/", Pattern.DOTALL);

    /**
     * A file of the library.
     *
     * @param path relative to the repository
     * @param room the package below {@code dev.ingot} that it belongs to
     * @param code its text without comments and strings
     */
    private record Source(Path path, String room, String code) {
        /** The other rooms that it names. */
        Set<String> uses() {
            Set<String> rooms = roomsIn(code);
            rooms.remove(room);
            return rooms;
        }
    }

    @Test
    void arrowsBetweenRoomsRunDownwardOnly() {
        List<String> violations = new ArrayList<>();
        for (Source source : library()) {
            for (String used : source.uses()) {
                if (!allowed(source.room()).contains(used)) {
                    violations.add(source.path() + ": " + source.room() + " uses " + used);
                }
            }
        }
        assertThat(violations).isEmpty();
    }

    @Test
    void everyPackageIsARoom() {
        assertThat(library().stream().map(Source::room).distinct())
                .allMatch(room -> ROOMS.stream().anyMatch(line -> line.contains(room)));
    }

    @Test
    void methodsSeeNoFileAddressOrThread() {
        assertThat(findings(NOT_FOR_METHODS, source -> source.room().equals("method"))).isEmpty();
    }

    @Test
    void onlyTheCommandLinePrintsAndExits() {
        assertThat(findings(NOT_FOR_LIBRARIES, source -> !source.room().equals("cli") && !isGenerated(source.path())))
                .isEmpty();
    }

    @Test
    void textIsFormattedForNoLanguage() {
        assertThat(findings(NO_LOCALE, source -> !isGenerated(source.path()))).isEmpty();
    }

    @Test
    void sourceFilesAreShort() {
        assertThat(sourceFiles().stream()
                        .filter(path -> !isGenerated(path))
                        .filter(path -> RepositoryFiles.text(path).lines().count() > MOST_LINES))
                .isEmpty();
    }

    @Test
    void sourceFilesStartWithTheirLicense() {
        assertThat(sourceFiles().stream().filter(path -> !startsWithLicense(RepositoryFiles.text(path)))).isEmpty();
    }

    @Test
    void forbiddenCallsAndMissingLicensesAreFound() {
        assertThat("System . out.print(1)").containsPattern(NOT_FOR_LIBRARIES);
        assertThat("e.printStackTrace()").containsPattern(NOT_FOR_LIBRARIES);
        assertThat("Runtime.getRuntime().halt(1)").containsPattern(NOT_FOR_LIBRARIES);
        assertThat("System.nanoTime()").doesNotContainPattern(NOT_FOR_LIBRARIES);
        assertThat(code("String.format(\n\"%d\", 1)")).containsPattern(NO_LOCALE);
        assertThat(code("\"%d\".formatted(1)")).containsPattern(NO_LOCALE);
        assertThat(code("String.format(\n Locale.ROOT, \"%d\", 1)")).doesNotContainPattern(NO_LOCALE);
        assertThat("java.util.concurrent.atomic.AtomicLong").containsPattern(NOT_FOR_METHODS);
        assertThat("java.nio.ByteBuffer").doesNotContainPattern(NOT_FOR_METHODS);
        assertThat(startsWithLicense("#!/bin/sh\n# " + LICENSE)).isTrue();
        assertThat(startsWithLicense("\n// " + LICENSE)).isFalse();
        assertThat(startsWithLicense("")).isFalse();
    }

    @Test
    void usesAreFoundInCodeOnly() {
        String text = """
                package dev.ingot.plan; // dev.ingot.cli
                import static dev.ingot.exec.Lane.NAME;
                import dev.ingot.Ingot;
                /* {@link dev.ingot.report.Bytes} * / */
                String a = "// \\" dev.ingot.error", b = '"' + new dev.ingot . ffi.Posix().toString();
                """;
        assertThat(roomsIn(code(text))).containsExactly("exec", "ffi", "plan", ROOT);
        assertThat(code("a(\"\"\"\n dev.ingot.cli \" // \n\"\"\", dev.ingot.kernel.Tile);"))
                .doesNotContain("cli")
                .contains("kernel");
        assertThat(allowed("exec")).contains("plan", "ffi", "error").doesNotContain("exec", "report", "eval");
        assertThat(allowed("arch")).containsExactlyInAnyOrder("checkpoint", "error");
        assertThat(allowed("cli")).containsExactlyInAnyOrder("error", "eval", ROOT);
    }

    private static List<Source> library() {
        List<Source> sources = new ArrayList<>();
        for (String root : List.of("src/main/java", "bindings/java")) {
            Path packages = Path.of(root, "dev", "ingot");
            for (Path path : RepositoryFiles.matching(file -> file.startsWith(packages))) {
                Path inside = packages.relativize(path);
                String room = inside.getNameCount() == 1 ? ROOT : inside.getName(0).toString();
                sources.add(new Source(path, room, code(RepositoryFiles.text(path))));
            }
        }
        assertThat(sources).hasSizeGreaterThan(100);
        return sources;
    }

    /** Where the pattern occurs in the code of some files. */
    private static List<String> findings(Pattern pattern, Predicate<Source> where) {
        List<Source> sources = library().stream().filter(where).toList();
        assertThat(sources).isNotEmpty();
        List<String> findings = new ArrayList<>();
        for (Source source : sources) {
            pattern.matcher(source.code())
                    .results()
                    .forEach(found -> findings.add(source.path() + ": " + found.group()));
        }
        return findings;
    }

    private static List<Path> sourceFiles() {
        List<Path> files = RepositoryFiles.matching(path -> SOURCE.matcher(path.getFileName().toString()).matches()
                && !path.startsWith("src/test/resources"));
        assertThat(files).hasSizeGreaterThan(200);
        return files;
    }

    /** In the first line, or in the second where the first must be something else. */
    private static boolean startsWithLicense(String text) {
        boolean reserved = text.startsWith("#!") || text.startsWith("<?xml");
        return text.lines().skip(reserved ? 1 : 0).findFirst().orElse("").contains(LICENSE);
    }

    /** Whether jextract wrote it: all that is in a package below {@code ffi}; see {@code bindings/README.md}. */
    private static boolean isGenerated(Path path) {
        Path ffi = Path.of("bindings/java/dev/ingot/ffi");
        return path.startsWith(ffi) && !path.getParent().equals(ffi);
    }

    private static Set<String> allowed(String room) {
        if (NARROWER.containsKey(room)) {
            return NARROWER.get(room);
        }
        Set<String> below = new TreeSet<>();
        for (List<String> line : ROOMS) {
            if (line.contains(room)) {
                break;
            }
            below.addAll(line);
        }
        return below;
    }

    private static String code(String text) {
        return NO_CODE.matcher(text).replaceAll(" ");
    }

    private static Set<String> roomsIn(String code) {
        Set<String> rooms = new TreeSet<>();
        Matcher matcher = ROOM.matcher(code);
        while (matcher.find()) {
            rooms.add(matcher.group(1) == null ? ROOT : matcher.group(1));
        }
        return rooms;
    }
}
