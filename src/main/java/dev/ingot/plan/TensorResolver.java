// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.config.ModelReference;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.TensorContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Finds an assignment's tensors, checks that they fit, and settles parameters and output type. */
final class TensorResolver {
    private final MergeMethod method;
    private final Map<ModelReference, Checkpoint> models;
    private final Architecture architecture;
    private final TokenRows tokenRows;
    private final Optional<Dtype> outputType;
    private final long seed;
    private final ParameterReader parameters;

    /**
     * An output tensor without a place.
     *
     * @param method empty if the first input is copied
     */
    record Resolved(
            String name,
            Dtype dtype,
            Shape shape,
            Optional<TensorRef> base,
            List<TensorRef> models,
            Optional<RowGather> rows,
            Optional<MergeMethod> method,
            TensorContext context) {}

    /** A model's tensor, found. */
    private record Found(Assignment.Source source, TensorRef tensor) {}

    /**
     * @param tokenRows  rows of embeddings and heads
     * @param outputType the type that the configuration asks for
     */
    TensorResolver(
            MergeMethod method,
            Map<ModelReference, Checkpoint> models,
            Architecture architecture,
            TokenRows tokenRows,
            Optional<Dtype> outputType,
            long seed) {
        this.method = method;
        this.models = models;
        this.architecture = architecture;
        this.tokenRows = tokenRows;
        this.outputType = outputType;
        this.seed = seed;
        this.parameters = new ParameterReader(method.spec());
    }

    Resolved resolve(Assignment assignment) {
        List<Found> all = new ArrayList<>();
        for (Assignment.Source source : assignment.sources()) {
            all.add(new Found(source, find(source)));
        }
        TokenRows.Fitted fitted = fit(assignment, all);
        Optional<Found> base = assignment.base().flatMap(model ->
                all.stream().filter(found -> found.source().model().equals(model)).findFirst());
        List<Found> members = members(all, base);
        checkCount(members.size());
        boolean deltas = method.spec().countsFromBase();
        Optional<TensorRef> origin = deltas ? base.map(Found::tensor) : Optional.empty();
        List<TensorRef> tensors = members.stream().map(Found::tensor).toList();
        boolean computed = isComputed(all);
        TensorRef first = origin.orElse(tensors.getFirst());
        Optional<TensorRef> leading =
                method.spec().base() == MethodSpec.BaseRole.FIRST ? Optional.of(first) : origin;
        return new Resolved(
                assignment.name(),
                computed ? outputType.orElseGet(() -> commonType(leading, tensors)) : first.dtype(),
                fitted.shape(),
                origin,
                tensors,
                fitted.rows(),
                computed ? Optional.of(method) : Optional.empty(),
                context(assignment, members, fitted.shape(), origin.isPresent()));
    }

    /** The shape that all inputs have, or get. */
    private TokenRows.Fitted fit(Assignment assignment, List<Found> all) {
        TensorRef first = all.getFirst().tensor();
        if (tokenRows.concern(assignment.name(), first)) {
            SequencedMap<ModelReference, TensorRef> matrices = new LinkedHashMap<>();
            all.forEach(found -> matrices.put(found.source().model(), found.tensor()));
            return tokenRows.fit(
                    assignment.name(), matrices, model -> find(new Assignment.Source(model, assignment.name())));
        }
        checkShapes(all);
        return new TokenRows.Fitted(first.shape(), Optional.empty());
    }

    /** Numbers are merged; other types, such as positions and masks, are copied. There is no way to do both. */
    private static boolean isComputed(List<Found> all) {
        TensorRef first = all.getFirst().tensor();
        for (Found found : all) {
            TensorRef tensor = found.tensor();
            if (tensor.dtype().mergeable() != first.dtype().mergeable()) {
                throw new CheckpointException(
                        tensor.file() + ": tensor " + Printable.quote(tensor.name()) + " is of type " + tensor.dtype()
                                + ", but " + first.dtype() + " in " + first.file(),
                        "floating-point tensors cannot be merged with others; check that no model is quantized");
            }
        }
        return first.dtype().mergeable();
    }

    private TensorRef find(Assignment.Source source) {
        Checkpoint checkpoint = models.get(source.model());
        return checkpoint
                .find(source.tensor())
                .or(() -> architecture.tiedHeads().stream()
                        .filter(tied -> tied.head().equals(source.tensor()))
                        .flatMap(tied -> checkpoint.find(tied.embedding()).stream())
                        .findFirst())
                .orElseThrow(() -> new CheckpointException(
                        checkpoint.location() + ": tensor " + Printable.quote(source.tensor()) + " is missing",
                        "the other models have it; check that all models are of one architecture and complete"));
    }

    private static void checkShapes(List<Found> all) {
        TensorRef first = all.getFirst().tensor();
        for (Found found : all) {
            if (!found.tensor().shape().equals(first.shape())) {
                throw new CheckpointException(
                        found.tensor().file() + ": tensor " + Printable.quote(found.tensor().name()) + " has shape "
                                + found.tensor().shape() + ", but " + first.shape() + " in " + first.file(),
                        "merge models of one architecture and size");
            }
        }
    }

    /** The merged models: without the base where others count as differences from it, base first where it is one of two. */
    private List<Found> members(List<Found> all, Optional<Found> base) {
        List<Found> members = new ArrayList<>(all);
        base.ifPresent(found -> {
            switch (method.spec().base()) {
                case ORIGIN, OPTIONAL_ORIGIN -> members.remove(found);
                case FIRST -> {
                    members.remove(found);
                    members.addFirst(found);
                }
                case MEMBER, UNUSED -> {}
            }
        });
        return members;
    }

    private void checkCount(int count) {
        MethodSpec spec = method.spec();
        if (count < spec.minModels() || count > spec.maxModels()) {
            String wanted = spec.minModels() == spec.maxModels()
                    ? "exactly " + spec.minModels()
                    : count < spec.minModels() ? "at least " + spec.minModels() : "at most " + spec.maxModels();
            String beside = spec.countsFromBase() ? " besides the base model" : "";
            throw new ConfigException(
                    "method " + spec.name() + " merges " + wanted + " model" + (wanted.endsWith(" 1") ? "" : "s") + beside
                            + ", and " + count + " are given",
                    "change the list of models, or choose another method (ingot methods)");
        }
    }

    /** The base's type, else the type of all operands if they share one, a wide one otherwise. */
    private static Dtype commonType(Optional<TensorRef> base, List<TensorRef> tensors) {
        if (base.isPresent()) {
            return base.get().dtype();
        }
        Dtype first = tensors.getFirst().dtype();
        if (tensors.stream().allMatch(tensor -> tensor.dtype() == first)) {
            return first;
        }
        return tensors.stream().anyMatch(tensor -> tensor.dtype() == Dtype.F64) ? Dtype.F64 : Dtype.F32;
    }

    private TensorContext context(Assignment assignment, List<Found> members, Shape shape, boolean hasBase) {
        List<TensorContext.ModelContext> contexts = new ArrayList<>();
        for (Found member : members) {
            contexts.add(
                    new TensorContext.ModelContext(contexts.size(), parameters.of(assignment, member.source())));
        }
        return new TensorContext(assignment.name(), shape, hasBase, contexts, parameters.globals(assignment), seed);
    }
}
