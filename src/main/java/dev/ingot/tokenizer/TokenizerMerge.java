// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.Printable;
import dev.ingot.config.ModelReference;
import dev.ingot.config.TokenizerConfig;
import dev.ingot.config.TokenizerConfig.Source;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * The output's tokenizer, made from those of the models as the configuration says ({@code tokenizer} or
 * {@code tokenizer_source}; mergekit.md 1.8), and what it means for the embeddings. Immutable; files are read again
 * when {@link #files} is called.
 */
public final class TokenizerMerge {
    private final OutputVocabulary output;
    private final int rows;
    private final EmbeddingPlanner planner;
    private final List<String> warnings;

    private TokenizerMerge(OutputVocabulary output, int rows, EmbeddingPlanner planner, List<String> warnings) {
        this.output = output;
        this.rows = rows;
        this.planner = planner;
        this.warnings = List.copyOf(warnings);
    }

    /** The same as {@link #of(TokenizerConfig, ModelReference, List, List)} without further models. */
    public static TokenizerMerge of(TokenizerConfig config, ModelReference base, List<TokenizerInput> inputs) {
        return of(config, base, inputs, List.of());
    }

    /**
     * Makes the tokenizer. Takes some tenths of a second for 200,000 tokens.
     *
     * @param config  what is wanted
     * @param base    the base model; of a merge without one, the first model. Must be among the inputs
     * @param inputs  all models of the merge, in the order in which their tokens are to be added
     * @param further models that only {@code config} names; they give the vocabulary or embeddings of single tokens, but
     *                a union does not get all of their tokens
     * @throws CheckpointException if the model that gives the vocabulary has no tokenizer, or tokens cannot be added
     * @throws ConfigException     if the configuration names a model or token that does not exist
     */
    public static TokenizerMerge of(
            TokenizerConfig config, ModelReference base, List<TokenizerInput> inputs, List<TokenizerInput> further) {
        SequencedMap<ModelReference, TokenizerInput> models = new LinkedHashMap<>();
        models.put(base, null);
        inputs.forEach(input -> models.put(input.model(), input));
        if (models.get(base) == null) {
            throw new IllegalArgumentException("the base model is not among the inputs: " + base);
        }
        List<TokenizerInput> merged = List.copyOf(models.values());
        further.forEach(input -> models.put(input.model(), input));
        ModelReference owner = base;
        if (config.source() instanceof Source.OfModel source) {
            owner = source.model();
            if (!models.containsKey(owner)) {
                throw config.position().error(
                        "tokenizer source " + Printable.quote(owner.toString()) + " is not one of the models to be merged",
                        "name a model that is merged, or base, or union");
            }
        }
        List<TokenizerInput> ordered = List.copyOf(models.values());
        Tokenizer baseTokenizer = tokenizer(models.get(base));
        Vocabulary kept = baseTokenizer.vocabulary().below(models.get(base).rows());
        boolean whole = config.source() instanceof Source.OfModel;
        VocabularyMerge merge = new VocabularyMerge(
                ownTokenizer(models.get(owner), baseTokenizer),
                whole ? Vocabulary.MAX_TOKENS : models.get(base).rows());
        if (config.source() instanceof Source.Union) {
            merge.addAll(merged);
        }
        merge.addNamed(config.tokens(), ordered);
        OutputVocabulary output = merge.result();
        int rows = padded(output.vocabulary().rows(), config);
        EmbeddingPlanner planner =
                new EmbeddingPlanner(output.vocabulary(), rows, ordered, base, owner, kept);
        planner.want(config.tokens());
        return new TokenizerMerge(output, rows, planner, warnings(output, ordered, base));
    }

    private static Tokenizer tokenizer(TokenizerInput input) {
        return input.tokenizer().orElseThrow(() -> new CheckpointException(
                "model " + Printable.quote(input.model().toString()) + " has no tokenizer files, but its vocabulary"
                        + " is needed",
                "Add its tokenizer.json, or remove the tokenizer setting."));
    }

    /** A model without a tokenizer is taken to have the base's. */
    private static Tokenizer ownTokenizer(TokenizerInput input, Tokenizer base) {
        return input.tokenizer().orElse(base);
    }

    private static int padded(int tokens, TokenizerConfig config) {
        if (config.padToMultipleOf().isEmpty()) {
            return tokens;
        }
        long multiple = config.padToMultipleOf().getAsInt();
        long rows = (tokens + multiple - 1) / multiple * multiple;
        if (rows > Integer.MAX_VALUE) {
            throw config.position().error(
                    "'pad_to_multiple_of' " + multiple + " makes more rows than a matrix can have",
                    "give a smaller number, such as 64");
        }
        return (int) rows;
    }

    private static List<String> warnings(OutputVocabulary output, List<TokenizerInput> inputs, ModelReference base) {
        List<String> warnings = new ArrayList<>();
        for (TokenizerInput input : inputs) {
            if (input.tokenizer().isEmpty()) {
                warnings.add("model " + input.model() + " has no tokenizer files and is taken to have those of " + base);
            }
        }
        warnings.addAll(output.warnings());
        return warnings;
    }

    /** How many rows embedding and head have; also the {@code vocab_size} of config.json. */
    public int vocabSize() {
        return rows;
    }

    /** The tokens of the output. */
    public Vocabulary vocabulary() {
        return output.vocabulary();
    }

    /** What the user should know, one line each. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * Where the rows of embedding and head come from.
     *
     * @param participants the models that the merge method sees for the tensor, in its order, all among the inputs
     */
    public EmbeddingPlan embeddingPlan(List<ModelReference> participants) {
        return planner.plan(participants);
    }

    /**
     * The id in the output of a token that a model has under another id: for {@code bos_token_id} and the like in
     * config.json and generation_config.json.
     *
     * @return empty if the model has no such token or the output lacks it
     */
    public OptionalInt outputId(ModelReference model, int id) {
        int found = planner.outputId(model, id);
        return found < 0 ? OptionalInt.empty() : OptionalInt.of(found);
    }

    /**
     * The files of the output's tokenizer by name. Files of the model that gives the vocabulary, unchanged where they
     * still say what is so. Blocking.
     *
     * @param chatTemplate the template to be put in, see {@link ChatTemplate}
     * @throws CheckpointException if a file cannot be read or cannot be changed as needed
     */
    public SequencedMap<String, byte[]> files(Optional<String> chatTemplate) {
        return TokenizerFiles.of(output, chatTemplate);
    }
}
