// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.config.ModelReference;
import dev.ingot.plan.Plan;
import java.util.List;
import java.util.Optional;

/** The README.md of a merged model: metadata that the Hub reads, and how to make the model again. */
final class ModelCard {
    private ModelCard() {}

    static String of(Plan plan) {
        StringBuilder card = new StringBuilder("---\n");
        List<String> hubIds = plan.models().keySet().stream()
                .map(ModelReference::path)
                .filter(ModelCard::isHubId)
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
                .append(base.map(model -> ", with " + name(model) + " as the base").orElse(""))
                .append(".\n\n## Models\n\n");
        for (ModelReference model : plan.models().keySet()) {
            if (base.filter(model::equals).isEmpty()) {
                card.append("* ").append(name(model)).append('\n');
            }
        }
        card.append("\n## Configuration\n\n```yaml\n")
                .append(plan.config().source().text().stripTrailing())
                .append("\n```\n\n## Reproduce\n\n```sh\ningot merge mergekit_config.yml OUT --random-seed ")
                .append(plan.seed())
                .append("\n```\n\nThe same inputs give the same bytes on any machine and with any number of threads.\n");
        return card.toString();
    }

    private static String title(Plan plan) {
        return Optional.ofNullable(plan.output().toAbsolutePath().normalize().getFileName())
                .map(Object::toString)
                .orElse("Merged model");
    }

    /** A link for models of the Hub; of local paths only the last component, the rest is nobody's business. */
    private static String name(ModelReference model) {
        if (isHubId(model.path())) {
            return "[" + model.path() + "](https://huggingface.co/" + model.path() + ")";
        }
        String path = model.path().replaceAll("/+$", "");
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static boolean isHubId(String path) {
        return path.matches("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*") && !java.nio.file.Files.exists(java.nio.file.Path.of(path));
    }
}
