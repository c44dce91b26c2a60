// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.config.ModelReference;
import dev.ingot.error.CheckpointException;
import dev.ingot.tokenizer.EmbeddingPlan;
import dev.ingot.tokenizer.TokenizerMerge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Settles the rows of embeddings and heads: those of the output's tokens if a tokenizer is made, else those that all
 * models have (mergekit.md 1.8 and 2.0). Not thread-safe: it remembers what it did.
 */
final class TokenRows {
    private final Architecture architecture;
    private final Optional<TokenizerMerge> tokenizer;
    private final Map<List<ModelReference>, EmbeddingPlan> plans = new HashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private OptionalInt cutTo = OptionalInt.empty();

    /**
     * What a tensor's inputs become.
     *
     * @param shape the shape of all of them
     * @param rows  empty if they have these rows, perhaps with others behind
     */
    record Fitted(Shape shape, Optional<RowGather> rows) {}

    TokenRows(Architecture architecture, Optional<TokenizerMerge> tokenizer) {
        this.architecture = architecture;
        this.tokenizer = tokenizer;
    }

    /** Whether an output tensor has a row for each token. */
    boolean concern(String name, TensorRef input) {
        return architecture.place(name).role().countsTokens() && input.shape().rank() > 0;
    }

    /**
     * Fits the inputs of a tensor together.
     *
     * @param name     the output's name of it
     * @param matrices the inputs, the base among them, in configuration order
     * @param others   finds the matrix of a model that is not among them
     * @throws CheckpointException if rows have different lengths, or would have to be put together of numbers that
     *                             cannot be merged
     */
    Fitted fit(
            String name,
            SequencedMap<ModelReference, TensorRef> matrices,
            Function<ModelReference, TensorRef> others) {
        boolean equal = matrices.values().stream().map(TensorRef::shape).distinct().count() == 1;
        TensorRef first = matrices.firstEntry().getValue();
        if (equal && tokenizer.isEmpty()) {
            return new Fitted(first.shape(), Optional.empty());
        }
        EmbeddingPlan plan = tokenizer
                .map(merge -> plans.computeIfAbsent(List.copyOf(matrices.sequencedKeySet()), merge::embeddingPlan))
                .orElseGet(() -> commonRows(name, matrices));
        List<TensorRef> sources = plan.sources().stream()
                .map(model -> matrices.containsKey(model) ? matrices.get(model) : others.apply(model))
                .toList();
        sources.forEach(matrix -> checkWidth(first, matrix));
        long[] dims = first.shape().dims().stream().mapToLong(Long::longValue).toArray();
        dims[0] = plan.rows();
        if (plan.isIdentity()) {
            return new Fitted(Shape.of(dims), Optional.empty());
        }
        sources.forEach(TokenRows::checkNumbers);
        return new Fitted(Shape.of(dims), Optional.of(new RowGather(plan, sources)));
    }

    private EmbeddingPlan commonRows(String name, SequencedMap<ModelReference, TensorRef> matrices) {
        SequencedMap<ModelReference, Integer> rows = new LinkedHashMap<>();
        matrices.forEach((model, matrix) -> rows.put(model, rows(matrix)));
        EmbeddingPlan plan = EmbeddingPlan.commonRows(rows);
        warnings.add("tensor " + Printable.quote(name) + " has " + rows.values().stream().distinct().map(String::valueOf).collect(Collectors.joining(" or "))
                + " rows in the models and is cut to the first " + plan.rows()
                + ": with tokenizer_source rows would be merged by token");
        cutTo = OptionalInt.of(plan.rows());
        return plan;
    }

    /** How many rows a matrix has; a row number beyond 31 bits is no token's. */
    static int rows(TensorRef matrix) {
        return matrix.shape().rank() == 0 ? 0 : Math.toIntExact(Math.min(matrix.shape().dim(0), Integer.MAX_VALUE));
    }

    private static void checkWidth(TensorRef first, TensorRef matrix) {
        if (first.shape().rank() != matrix.shape().rank() || RowGather.width(first) != RowGather.width(matrix)) {
            throw new CheckpointException(
                    matrix.file() + ": rows of tensor " + Printable.quote(matrix.name()) + " have another length, shape "
                            + matrix.shape() + ", than those in " + first.file() + ", shape " + first.shape(),
                    "merge models of one architecture and size; only the number of tokens may differ");
        }
    }

    private static void checkNumbers(TensorRef matrix) {
        if (!matrix.dtype().mergeable()) {
            throw new CheckpointException(
                    matrix.file() + ": tensor " + Printable.quote(matrix.name()) + " is of type " + matrix.dtype()
                            + ", whose rows cannot be put together by token",
                    "use models that are not quantized, or remove the tokenizer setting");
        }
    }

    /** The number of rows that matrices were cut to where no tokenizer is made. */
    OptionalInt cutTo() {
        return cutTo;
    }

    /** What the user should know, one line each. */
    List<String> warnings() {
        return warnings;
    }
}
