// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.Printable;
import dev.ingot.config.TokenizerConfig;
import dev.ingot.error.CheckpointException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds tokens of other models to a donor's vocabulary (mergekit.md 1.8). The ids of the donor stay. New ids follow in
 * this order: ordinary tokens of the models in turn, by their id there; added tokens likewise; tokens that the
 * configuration names.
 *
 * <p>Ordinary tokens become tokens of the donor's model, together with the merges that lead to them, behind the donor's
 * merges: so a text without them is split as before. (mergekit makes them added tokens, which are cut out of any text
 * before words are split, so that an ordinary token "or" tears "forest" apart; and in a byte-level vocabulary those
 * that begin with a blank are never found.) The tokenizers library numbers added tokens behind the model's
 * vocabulary whatever the file says, unless the model has them too; therefore the model gets all added tokens as well
 * wherever the numbers would come out wrong.
 */
final class VocabularyMerge {
    private static final Comparator<NewToken> BY_ID = Comparator.comparingInt(NewToken::id);

    private final Tokenizer donor;
    private final int limit;
    private final Vocabulary kept;
    private final Map<String, NewToken> ordinary = new LinkedHashMap<>();
    private final Map<String, AddedToken> added = new LinkedHashMap<>();
    private final List<String> mergeParts = new ArrayList<>();
    private final Set<Long> mergesSeen = new HashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private final double lowestScore;
    private int nextId;

    /**
     * @param donor whose vocabulary is added to
     * @param limit tokens of the donor with this id or a larger one are left out
     */
    VocabularyMerge(Tokenizer donor, int limit) {
        this.donor = donor;
        this.limit = limit;
        this.kept = donor.vocabulary().below(limit);
        this.lowestScore = donor.scores().stream().mapToDouble(Double::doubleValue).min().orElse(0);
        this.nextId = kept.rows();
        kept.addedTokens().forEach(token -> added.put(token.content(), token));
    }

    /** Adds all tokens of models that have an embedding. */
    void addAll(List<TokenizerInput> inputs) {
        List<TokenizerInput> others =
                inputs.stream().filter(input -> input.tokenizer().isPresent()).toList();
        others.forEach(this::addOrdinary);
        others.forEach(this::addAdded);
        others.forEach(this::addMerges);
    }

    private void addOrdinary(TokenizerInput input) {
        Tokenizer tokenizer = input.tokenizer().orElseThrow();
        Vocabulary vocabulary = tokenizer.vocabulary();
        int before = ordinary.size();
        for (int id = 0; id < Math.min(input.rows(), vocabulary.rows()); id++) {
            String text = vocabulary.token(id);
            if (text != null && !vocabulary.isAdded(text) && kept.idOrNone(text) < 0 && !ordinary.containsKey(text)) {
                double score = id < tokenizer.scores().size() ? tokenizer.scores().get(id) : lowestScore;
                ordinary.put(text, new NewToken(newId(), text, score));
            }
        }
        if (ordinary.size() > before && tokenizer.kind() != donor.kind()) {
            warnings.add("the tokenizer of " + input.model() + " is a " + tokenizer.kind().text()
                    + " model and that of the output a " + donor.kind().text() + " model: "
                    + (ordinary.size() - before) + " tokens of it are in the vocabulary, but texts may never be split"
                    + " into them");
        }
    }

    private void addAdded(TokenizerInput input) {
        int differing = 0;
        String example = null;
        for (AddedToken token : input.tokenizer().orElseThrow().vocabulary().addedTokens()) {
            if (token.id() >= input.rows()) {
                continue;
            }
            AddedToken known = added.get(token.content());
            if (known == null) {
                added.put(token.content(), token.withId(idFor(token.content())));
            } else if (!known.sameSettings(token)) {
                differing++;
                example = example == null ? token.content() : example;
            }
        }
        if (differing > 0) {
            warnings.add(differing + " added tokens of " + input.model()
                    + " have other settings in an earlier model, which are taken, such as "
                    + Printable.quote(example));
        }
    }

    private void addMerges(TokenizerInput input) {
        Tokenizer tokenizer = input.tokenizer().orElseThrow();
        if (donor.kind() != ModelKind.BPE || !donor.prefix().equals(tokenizer.prefix())) {
            return;
        }
        Merges merges = tokenizer.merges();
        int[] ids = modelIds(tokenizer.vocabulary());
        for (int rank = 0; rank < merges.count(); rank++) {
            int left = outputId(ids, merges.left(rank));
            int right = outputId(ids, merges.right(rank));
            boolean isNew = outputId(ids, merges.joined(rank)) >= kept.rows();
            if (isNew && left >= 0 && right >= 0 && mergesSeen.add((long) left << Integer.SIZE | right)) {
                String leftText = tokenizer.vocabulary().token(merges.left(rank));
                String rightText = tokenizer.vocabulary().token(merges.right(rank));
                String joined = tokenizer.vocabulary().token(merges.joined(rank));
                // They differ where two tokens of a damaged vocabulary share an id.
                if (Merges.joined(leftText, rightText, tokenizer.prefix()).equals(joined)) {
                    mergeParts.add(leftText);
                    mergeParts.add(rightText);
                }
            }
        }
    }

    /** For each id of a model its id in the model of the output, -1 where that lacks the token. */
    private int[] modelIds(Vocabulary vocabulary) {
        int[] ids = new int[vocabulary.rows()];
        for (int id = 0; id < ids.length; id++) {
            String text = vocabulary.token(id);
            // Where an added token has taken the id over, the text is not the one that merges speak of.
            if (text == null || vocabulary.modelId(text) != id) {
                ids[id] = -1;
            } else {
                NewToken found = ordinary.get(text);
                ids[id] = found != null ? found.id() : kept.modelId(text);
            }
        }
        return ids;
    }

    private static int outputId(int[] ids, int id) {
        return id < 0 ? -1 : ids[id];
    }

    /** Adds the tokens that the configuration names and that are still missing. */
    void addNamed(Map<String, TokenizerConfig.Token> tokens, List<TokenizerInput> inputs) {
        tokens.forEach((text, wanted) -> {
            if (idIfKnown(text) < 0) {
                added.put(text, settings(text, inputs).withId(newId()));
            }
        });
    }

    /** As in the first model where it is an added token. */
    private static AddedToken settings(String text, List<TokenizerInput> inputs) {
        for (TokenizerInput input : inputs) {
            AddedToken found =
                    input.tokenizer().map(tokenizer -> tokenizer.vocabulary().addedToken(text)).orElse(null);
            if (found != null) {
                return found;
            }
        }
        return AddedToken.plain(0, text);
    }

    private int idFor(String text) {
        int known = idIfKnown(text);
        return known >= 0 ? known : newId();
    }

    private int idIfKnown(String text) {
        NewToken token = ordinary.get(text);
        if (token != null) {
            return token.id();
        }
        AddedToken found = added.get(text);
        return found != null ? found.id() : kept.idOrNone(text);
    }

    private int newId() {
        if (nextId >= Vocabulary.MAX_TOKENS) {
            throw new CheckpointException(
                    "the models have more than " + Vocabulary.MAX_TOKENS + " different tokens",
                    "Take the tokenizer of one model: tokenizer_source: base.");
        }
        return nextId++;
    }

    /** The result; nothing can be added afterwards. */
    OutputVocabulary result() {
        List<AddedToken> allAdded =
                added.values().stream().sorted(Comparator.comparingInt(AddedToken::id)).toList();
        List<NewToken> newTokens = new ArrayList<>(ordinary.values());
        boolean stripped = kept != donor.vocabulary();
        boolean changed = stripped || !allAdded.equals(kept.addedTokens());
        if (!ordinary.isEmpty() || changed && !numberedSo(allAdded)) {
            for (AddedToken token : allAdded) {
                if (kept.modelId(token.content()) < 0 && !ordinary.containsKey(token.content())) {
                    newTokens.add(new NewToken(token.id(), token.content(), 0));
                }
            }
        }
        newTokens.sort(BY_ID);
        Map<String, Integer> further = new HashMap<>();
        newTokens.forEach(token -> further.put(token.text(), token.id()));
        boolean resplit = !ordinary.isEmpty() || kept.modelSize() < donor.vocabulary().modelSize();
        return new OutputVocabulary(
                donor, limit, kept.with(further, allAdded), newTokens, mergeParts, resplit, warnings);
    }

    /** Whether the tokenizers library would give the added tokens these ids when it loads the file. */
    private boolean numberedSo(List<AddedToken> tokens) {
        int size = kept.modelSize();
        int next = size;
        for (AddedToken token : tokens) {
            int inModel = kept.modelId(token.content());
            int id = inModel >= 0 ? inModel : next;
            if (id != token.id()) {
                return false;
            }
            next = Math.max(next, id + 1);
        }
        return true;
    }
}
