// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.tokenizer.TokenizerMerge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Ids of tokens in a donor's config.json or generation_config.json, such as {@code eos_token_id}, as the output's tokenizer
 * numbers them. A token that the output lacks gives way to the one that the vocabulary's own model has under the same key.
 */
final class TokenIds {
    /** Below the top only the text model: other parts have ids of their own kind. */
    private static final Pattern KEY = Pattern.compile("(text_config\\.)?\\w+_token_(id|index)");

    private final TokenizerMerge merge;
    private final ModelReference donor;
    private final Optional<ModelReference> owner;
    private final List<String> warnings = new ArrayList<>();

    /** @param owner the model that the vocabulary was taken from, if it is not the donor */
    TokenIds(TokenizerMerge merge, ModelReference donor, Optional<ModelReference> owner) {
        this.merge = merge;
        this.donor = donor;
        this.owner = owner;
    }

    /**
     * The values that change, by key.
     *
     * @param config the donor's file
     * @param own    the same file of the vocabulary's model, if it has one
     */
    Map<String, Object> changes(ModelConfig config, Optional<ModelConfig> own) {
        Map<String, Object> changes = new LinkedHashMap<>();
        for (String key : new TreeSet<>(config.keys())) {
            if (KEY.matcher(key).matches()) {
                List<Long> before = config.integers(key);
                List<Long> after = outputIds(donor, before);
                if (after.size() < before.size() && own.filter(json -> json.contains(key)).isPresent()) {
                    after = outputIds(owner.orElseThrow(), own.get().integers(key));
                }
                if (after.isEmpty() || after.equals(before)) {
                    note(key, before, after, config);
                } else {
                    changes.put(key, after.size() == 1 && before.size() == 1 ? after.getFirst() : after);
                }
            }
        }
        return changes;
    }

    private List<Long> outputIds(ModelReference model, List<Long> ids) {
        List<Long> output = new ArrayList<>();
        for (long id : ids) {
            OptionalInt found = id < 0 || id > Integer.MAX_VALUE ? OptionalInt.empty() : merge.outputId(model, (int) id);
            found.ifPresent(value -> output.add((long) value));
        }
        return output;
    }

    private void note(String key, List<Long> before, List<Long> after, ModelConfig config) {
        if (after.isEmpty() && before.stream().anyMatch(id -> id >= 0 && id < merge.vocabSize())) {
            warnings.add(key + " in " + config.file().getFileName() + " of " + donor
                    + " is a token that the output lacks: correct it in the output");
        }
    }

    /** What the user should know, one line each. */
    List<String> warnings() {
        return warnings;
    }
}
