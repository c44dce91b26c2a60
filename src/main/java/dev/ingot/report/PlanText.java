// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.config.ModelReference;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedShard;
import dev.ingot.plan.PlannedTensor;
import dev.ingot.plan.Rng;
import dev.ingot.tokenizer.TokenizerMerge;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Plans for people to read. */
public final class PlanText {
    private PlanText() {}

    /**
     * A few lines with what will be read, computed and written.
     *
     * @param backend  what will compute it
     * @param warnings what the user should know before starting
     */
    public static String of(Plan plan, String backend, List<String> warnings) {
        StringBuilder text = new StringBuilder();
        line(text, "method", plan.method().name() + " (" + plan.method().summary() + ")");
        for (ModelReference model : plan.models().keySet()) {
            boolean base = plan.config().baseModel().filter(model::equals).isPresent();
            line(text, base ? "base" : "model", model + "  " + Bytes.text(plan.models().get(model).totalBytes()));
        }
        plan.companions().forEach((companion, checkpoint) ->
                line(text, "further", companion + "  " + Bytes.text(checkpoint.totalBytes())));
        line(text, "output", plan.output().toString());
        for (PlannedShard shard : plan.shards()) {
            line(text, "", shard.fileName() + "  " + Bytes.text(shard.layout().fileSize()));
        }
        line(text, "tensors", plan.tensors().size() + ", " + parameters(plan.parameters()) + " parameters, " + types(plan));
        plan.tokenization().merge().ifPresent(merge -> line(text, "tokens", tokens(merge)));
        plan.tokenization().chatTemplate().ifPresent(template ->
                line(text, "template", template.length() + " characters"));
        line(text, "read", Bytes.text(plan.bytesToRead()) + " in up to " + plan.reads() + " passes");
        line(text, "write", Bytes.text(plan.bytesToWrite()));
        line(text, "memory", "up to " + Bytes.text(plan.resources().peakMemory()) + " of "
                + Bytes.text(plan.resources().memory()) + " allowed");
        line(text, "threads", plan.resources().threads() + ", tiles of " + plan.resources().tileElements() + " elements");
        line(text, "backend", backend);
        line(text, "seed", plan.seed() + (plan.rng() == Rng.PHILOX ? "" : ", rng " + plan.rng()));
        line(text, "plan", plan.hash());
        warnings.forEach(warning -> line(text, "warning", warning));
        return text.toString();
    }

    private static String tokens(TokenizerMerge merge) {
        int tokens = merge.vocabulary().rows();
        return tokens + (tokens == merge.vocabSize() ? "" : ", " + merge.vocabSize() + " rows of embeddings");
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(String.format(Locale.ROOT, "%-8s %s%n", key, value));
    }

    private static String types(Plan plan) {
        Map<String, Long> counts = new TreeMap<>();
        for (PlannedTensor tensor : plan.tensors()) {
            counts.merge(tensor.dtype().name(), 1L, Long::sum);
        }
        return String.join(", ", counts.keySet());
    }

    private static String parameters(long count) {
        return count < 10_000_000
                ? Long.toString(count)
                : String.format(Locale.ROOT, "%.2f billion", count / 1e9);
    }
}
