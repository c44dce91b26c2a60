// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.MergeRequest;
import dev.ingot.error.ResourceException;
import dev.ingot.error.UsageException;
import dev.ingot.eval.DemoResult;
import dev.ingot.eval.DemoTable;
import dev.ingot.eval.VisionDemo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ingot demo}. */
@Command(
        description = {
            "Merges small real models by several methods and measures what the merged models can do.",
            "Models, test images and the YAML files of the merges are in examples/vision-experts."
        })
final class DemoCommand implements Runnable {
    private static final String EXAMPLES = "examples/vision-experts";

    private final Context context;

    @Option(names = "--keep", paramLabel = "DIR", description = "Keep the merged models in this directory.")
    private Path keep;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    @Option(names = "--quiet", description = "Do not tell what is being merged.")
    private boolean quiet;

    DemoCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        Path examples = examples();
        if (keep != null) {
            print(demonstrate(examples, keep));
            return;
        }
        try {
            Path out = Files.createTempDirectory("ingot-demo");
            try {
                print(demonstrate(examples, out));
            } finally {
                delete(out);
            }
        } catch (IOException e) {
            throw new ResourceException(
                    "the demo's temporary files: " + e.getMessage(), "name a directory with --keep, or set TMPDIR", e);
        }
    }

    private Path examples() {
        return context.home()
                .map(home -> home.resolve(EXAMPLES))
                .filter(Files::isDirectory)
                .orElseThrow(() -> new UsageException(
                        context.home().orElse(Path.of("")).resolve(EXAMPLES) + ": no such directory",
                        "run the launcher ./ingot in a clone of Ingot's repository"));
    }

    private DemoResult demonstrate(Path examples, Path out) {
        Ingot ingot = context.ingot();
        return VisionDemo.run(examples, out, (config, base, merged) -> {
            if (!quiet) {
                context.err().println("merging " + examples.relativize(config));
            }
            MergeRequest request = MergeRequest.of(config, merged).withModelDirectory(base).withOverwrite(true);
            return ingot.merge(request).output();
        });
    }

    private void print(DemoResult result) {
        if (json) {
            context.out().println(Json.text(Json.object(
                    "schema", "ingot.demo/1",
                    "tasks", result.tasks(),
                    "testImages", result.testImages(),
                    "models", Stream.of(List.of(result.base(), result.experts()), result.merges())
                            .flatMap(List::stream)
                            .map(row -> row(result, row))
                            .toList())));
        } else {
            context.out().print(DemoTable.render(result));
        }
    }

    private static Map<String, Object> row(DemoResult result, DemoResult.Row row) {
        Map<String, Object> member = Json.object(
                "name", row.name(),
                "accuracies", row.accuracies(),
                "mean", row.mean(),
                "kept", result.normalised(row));
        row.seconds().ifPresent(seconds -> member.put("seconds", seconds));
        return member;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
