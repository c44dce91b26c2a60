// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Shape;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.Methods;
import dev.ingot.method.ParameterValues;
import dev.ingot.method.Step;
import dev.ingot.method.TensorContext;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The method of {@code docs/adding-a-method.md} that lives outside: compiled, found and used as the page says. */
class DocumentedMethodTest {
    private static final String CLASS = "org.example.merging.WiseFt";
    private static final Pattern JAVA = Pattern.compile("(?ms)^```java\\n(.*?)^```$");

    @TempDir
    private Path provider;

    @Test
    void aMethodFromOutsideIsFoundAndMakesItsProgram() throws Exception {
        compile(code());
        Path services = Files.createDirectories(provider.resolve("META-INF/services"));
        Files.writeString(services.resolve(MergeMethod.class.getName()), CLASS + "\n");

        URL[] places = {provider.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(places, getClass().getClassLoader())) {
            MergeMethod method = load(loader).find("wise_ft").orElseThrow();
            TensorContext context = new TensorContext(
                    "weight", Shape.of(10), false, List.of(model(0), model(1)), new ParameterValues(Map.of("alpha", 0.25)), 0);
            assertThat(method.program(context).first()).isInstanceOfSatisfying(Step.Sum.class, sum ->
                    assertThat(sum.op().weights()).containsExactly(0.75f, 0.25f));
        }
        assertThat(Methods.load().find("wise_ft")).isEmpty();
    }

    private static TensorContext.ModelContext model(int position) {
        return new TensorContext.ModelContext(position, new ParameterValues(Map.of()));
    }

    private static Methods load(ClassLoader loader) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return Methods.load();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static String code() {
        Matcher matcher = JAVA.matcher(RepositoryFiles.text(Path.of("docs/adding-a-method.md")));
        assertThat(matcher.find()).as("a block of Java").isTrue();
        return matcher.group(1);
    }

    private void compile(String code) throws IOException, URISyntaxException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Path classes = Path.of(MergeMethod.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        var source = new SimpleJavaFileObject(
                URI.create("memory:///" + CLASS.replace('.', '/') + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return code;
            }
        };
        List<String> options =
                List.of("-d", provider.toString(), "-cp", classes.toString(), "-proc:none", "-Xlint:all", "-Werror");
        assertThat(compiler.getTask(null, null, null, options, null, List.of(source)).call()).isTrue();
    }
}
