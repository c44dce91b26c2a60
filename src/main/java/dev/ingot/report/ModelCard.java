// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.config.ModelReference;
import dev.ingot.plan.Plan;
import dev.ingot.plan.Rng;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The README.md of a merged model: metadata that the Hub reads, and how to make the model again. */
final class ModelCard {
    private static final Pattern CACHE_FOLDER = Pattern.compile("models--([\\w.-]+?)--([\\w.-]+)");

    private ModelCard() {}

    static String of(Plan plan) {
        StringBuilder card = new StringBuilder("---\n");
        List<String> hubIds = plan.models().values().stream()
                .map(ModelCard::hubId)
                .flatMap(Optional::stream)
                .distinct()
                .sorted()
                .toList();
        if (!hubIds.isEmpty()) {
            card.append("base_model:\n");
            hubIds.forEach(id -> card.append("- ").append(id).append('\n'));
            card.append("base_model_relation: merge\n");
        }
        card.append("library_name: transformers\ntags:\n- merge\n- ingot\n---\n");
        card.append("# ").append(title(plan)).append("\n\n");
        card.append("This model is a merge of trained models, made with Ingot ")
                .append(Version.current())
                .append(".\n\n## Method\n\n");
        String method = plan.method()
                .paper()
                .map(paper -> "[" + plan.method().title() + "](" + paper.link() + ")")
                .orElse(plan.method().title());
        Optional<ModelReference> base =
                plan.config().baseModel().filter(model -> plan.method().requiresBase());
        card.append(method)
                .append(base.map(model -> ", with " + name(plan, model) + " as the base").orElse(""))
                .append(".\n\n## Models\n\n");
        for (ModelReference model : plan.models().keySet()) {
            if (base.filter(model::equals).isEmpty()) {
                card.append("* ").append(name(plan, model)).append('\n');
            }
        }
        card.append("\n## Configuration\n\n```yaml\n")
                .append(plan.config().source().text().stripTrailing())
                .append("\n```\n\n## Reproduce\n\n```sh\ningot merge mergekit_config.yml OUT --random-seed ")
                .append(plan.seed())
                .append(plan.rng() == Rng.PHILOX ? "" : " --rng " + plan.rng())
                .append("\n```\n\nThe same inputs give the same bytes on any machine and with any number of threads.\n");
        return card.toString();
    }

    private static String title(Plan plan) {
        return Optional.ofNullable(plan.output().toAbsolutePath().normalize().getFileName())
                .map(Object::toString)
                .orElse("Merged model");
    }

    /** A link for models of the Hub; of local paths only the last component, the rest is nobody's business. */
    private static String name(Plan plan, ModelReference model) {
        Path location = plan.models().get(model).location().toAbsolutePath().normalize();
        return hubId(plan.models().get(model))
                .map(id -> "[" + id + "](https://huggingface.co/" + id + ")")
                .orElse(String.valueOf(location.getFileName()));
    }

    /** The Hub's name of a model that lies in its download cache, as {@code models--ORG--NAME/snapshots/REVISION}. */
    private static Optional<String> hubId(Checkpoint model) {
        for (Path component : model.location().toAbsolutePath().normalize()) {
            Matcher matcher = CACHE_FOLDER.matcher(component.toString());
            if (matcher.matches()) {
                return Optional.of(matcher.group(1) + "/" + matcher.group(2));
            }
        }
        return Optional.empty();
    }
}
