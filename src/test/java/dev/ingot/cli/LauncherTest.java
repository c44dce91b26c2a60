// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ingot}, in an installation of its own with made-up Javas and a made-up build. */
class LauncherTest {
    private static final Path LAUNCHER = Path.of("ingot").toAbsolutePath();

    @TempDir
    private Path temp;

    private Path home;
    private Path javas;
    private final Map<String, String> environment = new HashMap<>();

    private record Outcome(int code, List<String> out, List<String> err) {}

    @BeforeEach
    void install() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "the launcher is a shell script");
        home = Files.createDirectories(temp.resolve("a home"));
        javas = Files.createDirectories(temp.resolve("jvm"));
        Files.copy(LAUNCHER, home.resolve("ingot"));
        script(home.resolve("mvnw"), "echo build >>\"$0.log\"; mkdir -p target; : >target/ingot.jar");
        Files.createDirectories(home.resolve("src/main"));
        Files.writeString(home.resolve("pom.xml"), "<project/>");
        environment.put("INGOT_JVM_DIRS", javas.toString());
        environment.put("PATH", "/usr/bin:/bin");
    }

    /** A Java that prints its name and its arguments, one a line. */
    private Path java(String name, String version) throws IOException {
        Path folder = javas.resolve(name);
        script(folder.resolve("bin/java"), "printf '%s\\n' \"" + name + "\" \"$@\"");
        Files.writeString(folder.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return folder;
    }

    private static void script(Path file, String body) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Outcome launch(String... args) throws IOException, InterruptedException {
        return launch(home.resolve("ingot"), args);
    }

    private Outcome launch(Path launcher, String... args) throws IOException, InterruptedException {
        Path out = temp.resolve("stdout");
        Path err = temp.resolve("stderr");
        List<String> line = new ArrayList<>(List.of(launcher.toString()));
        line.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("INGOT_") || name.equals("JAVA_HOME"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Outcome(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
    }

    private List<String> builds() throws IOException {
        Path log = home.resolve("mvnw.log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    @Test
    void takesTheNewestJavaAndPassesArgumentsOn() throws IOException, InterruptedException {
        java("old", "1.8.0_412");
        java("middle", "22.0.2");
        java("new", "25.0.3");
        java("late", "24-ea");
        Outcome outcome = launch("merge", "a b", "", "--x=*", "$HOME");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.out().getFirst()).isEqualTo("new");
        assertThat(outcome.out()).contains("-Dingot.home=" + home.toRealPath(), "-Dingot.terminal=false", "-Xlog:disable");
        int arguments = outcome.out().indexOf("-jar");
        assertThat(outcome.out().subList(arguments + 1, outcome.out().size()))
                .containsExactly(home.toRealPath().resolve("target/ingot.jar").toString(), "merge", "a b", "", "--x=*", "$HOME");
    }

    @Test
    void whatTheUserNamesComesFirst() throws IOException, InterruptedException {
        java("new", "25.0.3");
        environment.put("JAVA_HOME", java("home", "23").toString());
        assertThat(launch().out().getFirst()).isEqualTo("home");
        environment.put("INGOT_JAVA_HOME", java("named", "22").toString());
        environment.put("INGOT_JAVA_OPTIONS", "-Xmx9g -Dx=y");
        assertThat(launch().out()).startsWith("named").contains("-Xmx9g", "-Dx=y");
        environment.put("INGOT_JAVA_HOME", java("ancient", "17.0.15").toString());
        Outcome refused = launch();
        assertThat(refused.code()).isEqualTo(6);
        assertThat(refused.err()).hasSize(2);
        assertThat(refused.err().getFirst()).startsWith("error: INGOT_JAVA_HOME is ").contains("ancient", "22");
        assertThat(refused.err().getLast()).startsWith("hint: ");
    }

    @Test
    void javaOnThePathIsFoundBehindLinks() throws IOException, InterruptedException {
        Path folder = java("new", "25.0.3");
        Path bin = Files.createDirectories(temp.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("java"), folder.resolve("bin/java"));
        environment.put("PATH", bin + ":/usr/bin:/bin");
        environment.put("INGOT_JVM_DIRS", temp.resolve("none").toString());
        assertThat(launch().out().getFirst()).isEqualTo("new");
    }

    @Test
    void withoutJavaItSaysSo() throws IOException, InterruptedException {
        java("old", "21.0.1");
        // Only the few commands that the launcher needs, and no Java.
        Path bin = Files.createDirectories(temp.resolve("bin"));
        for (String command : List.of("readlink", "sed", "find")) {
            Path found = Stream.of("/usr/bin", "/bin").map(folder -> Path.of(folder, command)).filter(Files::exists)
                    .findFirst().orElseThrow();
            script(bin.resolve(command), "exec " + found + " \"$@\"");
        }
        environment.put("PATH", bin.toString());
        Outcome outcome = launch("merge");
        assertThat(outcome.code()).isEqualTo(6);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).satisfiesExactly(
                error -> assertThat(error).startsWith("error: ").contains("Java 22 or newer"),
                hint -> assertThat(hint).startsWith("hint: ").contains("INGOT_JAVA_HOME"));
    }

    @Test
    void buildsOnceAndAgainAfterChanges() throws IOException, InterruptedException {
        java("new", "25.0.3");
        assertThat(launch().err()).containsExactly("building Ingot, which takes a minute the first time ...");
        assertThat(launch().err()).isEmpty();
        assertThat(builds()).hasSize(1);
        Path source = Files.writeString(home.resolve("src/main/A.java"), "");
        Files.setLastModifiedTime(source, FileTime.fromMillis(System.currentTimeMillis() + 5000));
        launch();
        assertThat(builds()).hasSize(2);
    }

    @Test
    void aFailedBuildIsShown() throws IOException, InterruptedException {
        java("new", "25.0.3");
        script(home.resolve("mvnw"), "echo no compiler today; exit 1");
        Outcome outcome = launch();
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains("no compiler today");
        assertThat(outcome.err().get(outcome.err().size() - 2)).startsWith("error: the build failed");
    }

    @Test
    void isFoundBehindLinks() throws IOException, InterruptedException {
        java("new", "25.0.3");
        Path link = Files.createSymbolicLink(temp.resolve("link"), Path.of("a home/ingot"));
        assertThat(launch(link).out()).contains("-Dingot.home=" + home.toRealPath());
    }

    @Test
    void exitCodesPassThrough() throws IOException, InterruptedException {
        script(java("new", "25.0.3").resolve("bin/java"), "exit 130");
        assertThat(launch().code()).isEqualTo(130);
    }

    @Test
    void anInstallationThatCannotBeWrittenRuns() throws IOException, InterruptedException {
        java("new", "25.0.3");
        launch();
        Files.deleteIfExists(home.resolve("target/ingot.aot"));
        // Root may write anywhere, but a file in the archive's place cannot be replaced by anyone.
        Files.createDirectories(home.resolve("target/ingot.aot/occupied"));
        Files.setLastModifiedTime(home.resolve("target/ingot.aot"), FileTime.fromMillis(0));
        Outcome outcome = launch("version");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err()).isEmpty();
    }
}
