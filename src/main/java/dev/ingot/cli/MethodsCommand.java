// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.MethodInfo;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ingot methods}. */
@Command(description = "Lists the merge methods, or shows what one of them does and takes.")
final class MethodsCommand implements Runnable {
    private final Context context;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "The method to show.")
    private String name;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    @Option(names = "--markdown", description = "Answer with the table of the README.")
    private boolean markdown;

    @Option(names = "--compositions", description = "Answer with a table of the methods that are put together from choices.")
    private boolean compositions;

    MethodsCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        Ingot ingot = context.ingot();
        List<MethodInfo> methods = name == null ? ingot.methods() : List.of(ingot.method(name));
        if (json) {
            context.out().println(Json.text(Json.object(
                    "schema", "ingot.methods/1", "methods", methods.stream().map(MethodsCommand::json).toList())));
        } else if (markdown) {
            MethodTable.lines(methods).forEach(context.out()::println);
        } else if (compositions) {
            CompositionTable.lines(methods).forEach(context.out()::println);
        } else if (name == null) {
            Table table = new Table();
            methods.forEach(method -> table.row(method.name(), method.summary()));
            table.lines().forEach(context.out()::println);
        } else {
            describe(methods.getFirst());
        }
    }

    private void describe(MethodInfo method) {
        Table facts = new Table()
                .row("method", method.name() + ": " + method.summary())
                .row("base model", switch (method.base()) {
                    case REQUIRED -> "required";
                    case OPTIONAL -> "optional, a model like the others";
                    case UNUSED -> "not used";
                })
                .row("models", MethodTable.models(method))
                .row("random", method.random() ? "yes, set by --random-seed" : "no");
        if (!method.companions().isEmpty()) {
            facts.row("companions", String.join(", ", method.companions()) + ": further checkpoints of a model");
        }
        method.paper().ifPresent(paper -> facts.row("paper", paper.title()).row("", paper.link()));
        facts.lines().forEach(context.out()::println);
        if (method.parameters().isEmpty()) {
            return;
        }
        context.out().println();
        Table parameters = new Table().row("parameter", "values", "default", "per model", "meaning");
        method.parameters().forEach(parameter -> parameters.row(
                parameter.name(),
                parameter.range(),
                parameter.required() ? "required" : parameter.defaultValue().orElse("none"),
                parameter.perModel() ? "yes" : "no",
                parameter.description()));
        parameters.lines().forEach(context.out()::println);
    }

    private static Map<String, Object> json(MethodInfo method) {
        Map<String, Object> object = Json.object(
                "name", method.name(),
                "title", method.title(),
                "summary", method.summary(),
                "paper", method.paper().map(paper -> Json.object("title", paper.title(), "link", paper.link())),
                "base", method.base().name().toLowerCase(Locale.ROOT),
                "minModels", method.minModels());
        method.maxModels().ifPresent(most -> object.put("maxModels", most));
        object.put("random", method.random());
        object.put("companions", method.companions());
        object.put("composition", method.composition());
        object.put("parameters", method.parameters().stream()
                .map(parameter -> Json.object(
                        "name", parameter.name(),
                        "type", parameter.type(),
                        "perModel", parameter.perModel(),
                        "required", parameter.required(),
                        "default", parameter.defaultValue(),
                        "range", parameter.range(),
                        "choices", parameter.choices(),
                        "description", parameter.description()))
                .toList());
        return object;
    }
}
