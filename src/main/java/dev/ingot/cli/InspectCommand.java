// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Cancellation;
import dev.ingot.Inspection;
import dev.ingot.Spectrum;
import dev.ingot.error.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ingot inspect}. */
@Command(
        description = {
            "Shows the tensors, files and metadata of a checkpoint. Reads headers only.",
            "With --spectrum shows the singular values of its matrices, or of what it differs from a base model by."
        })
final class InspectCommand implements Runnable {
    private final Context context;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "A model directory, a safetensors file or an index file; several with --spectrum.")
    private List<Path> paths;

    @Mixin
    private SpectrumOptions spectrum;

    @Mixin
    private OutputOptions output;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    InspectCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        if (spectrum.wanted()) {
            spectrum();
            return;
        }
        if (paths.size() > 1 || spectrum.incomplete()) {
            throw new UsageException(
                    paths.size() > 1
                            ? "several models are inspected with --spectrum only"
                            : "--base, --top, --threads and --memory are options of --spectrum",
                    "add --spectrum, or inspect one model without them");
        }
        Inspection inspection = context.ingot().inspect(paths.getFirst());
        if (json) {
            context.out().println(json(inspection));
            return;
        }
        inspection.warnings().forEach(context::warn);
        tensors(inspection).lines().forEach(context.out()::println);
        context.out().println();
        totals(inspection).lines().forEach(context.out()::println);
    }

    private void spectrum() {
        Cancellation cancellation = new Cancellation();
        context.interrupts().onInterrupt(cancellation::cancel);
        ProgressDisplay display = output.display(context);
        Spectrum result;
        try {
            result = context.ingot().spectrum(spectrum.request(paths), display, cancellation);
        } finally {
            display.end();
        }
        if (json) {
            context.out().println(Json.text(SpectrumAnswer.json(result)));
            return;
        }
        result.warnings().forEach(context::warn);
        SpectrumAnswer.lines(result).forEach(context.out()::println);
    }

    private static Table tensors(Inspection inspection) {
        Table table = new Table().row("tensor", "dtype", "shape", "size");
        inspection.tensors().forEach(tensor -> table.row(
                tensor.name(), tensor.dtype(), tensor.shape().toString(), Text.bytes(tensor.bytes())));
        return table;
    }

    private static Table totals(Inspection inspection) {
        Table table = new Table();
        inspection.files().forEach(file -> {
            table.row("file", file.path() + ", " + Text.bytes(file.bytes()));
            file.metadata().forEach((key, value) -> table.row("metadata", key + ": " + value));
        });
        types(inspection).forEach((type, count) -> table.row("type", type + ", " + count + " parameters"));
        return table.row("total", inspection.tensors().size() + " tensors, " + inspection.parameters() + " parameters, "
                + Text.bytes(inspection.bytes()));
    }

    private static Map<String, Long> types(Inspection inspection) {
        Map<String, Long> parameters = new TreeMap<>();
        inspection.tensors().forEach(tensor -> parameters.merge(tensor.dtype(), tensor.elements(), Long::sum));
        return parameters;
    }

    private static String json(Inspection inspection) {
        return Json.text(Json.object(
                "schema", "ingot.inspect/1",
                "location", inspection.location(),
                "parameters", inspection.parameters(),
                "bytes", inspection.bytes(),
                "types", types(inspection),
                "files", inspection.files().stream()
                        .map(f -> Json.object("path", f.path(), "bytes", f.bytes(), "metadata", f.metadata()))
                        .toList(),
                "tensors", inspection.tensors().stream().map(InspectCommand::json).toList(),
                "warnings", inspection.warnings()));
    }

    private static Map<String, Object> json(Inspection.Tensor tensor) {
        return Json.object(
                "name", tensor.name(),
                "dtype", tensor.dtype(),
                "shape", tensor.shape(),
                "bytes", tensor.bytes(),
                "file", tensor.file().getFileName());
    }
}
