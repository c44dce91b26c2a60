// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.ParameterValues;
import dev.ingot.method.TensorContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds an assignment's tensors, checks that they fit, and settles parameters and output type. */
final class TensorResolver {
    private final MergeMethod method;
    private final TensorLookup lookup;
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
            Optional<MergeMethod> method,
            TensorContext context) {}

    /** A model's tensor, found. */
    private record Found(Assignment.Source source, TensorRef tensor) {}

    /** @param outputType the type that the configuration asks for */
    TensorResolver(
            MergeMethod method,
            TensorLookup lookup,
            Optional<Dtype> outputType,
            long seed) {
        this.method = method;
        this.lookup = lookup;
        this.outputType = outputType;
        this.seed = seed;
        this.parameters = new ParameterReader(method.spec());
    }

    Resolved resolve(Assignment assignment) {
        List<Found> all = find(assignment);
        checkShapes(all);
        if (isCopied(assignment, all)) {
            return copied(assignment, all.getFirst().tensor());
        }
        Optional<Found> base = assignment.base().flatMap(model ->
                all.stream().filter(found -> found.source().model().equals(model)).findFirst());
        List<Found> members = members(all, base);
        checkCount(members.size());
        boolean deltas = method.spec().base() == MethodSpec.BaseRole.ORIGIN;
        Optional<TensorRef> origin = deltas ? base.map(Found::tensor) : Optional.empty();
        List<TensorRef> tensors = members.stream().map(Found::tensor).toList();
        boolean computed = isComputed(all);
        TensorRef first = origin.orElse(tensors.getFirst());
        Optional<TensorRef> leading =
                method.spec().base() == MethodSpec.BaseRole.FIRST ? Optional.of(first) : origin;
        return new Resolved(
                assignment.name(),
                computed ? outputType.orElseGet(() -> commonType(leading, tensors)) : first.dtype(),
                first.shape(),
                origin,
                tensors,
                computed ? Optional.of(method) : Optional.empty(),
                context(assignment, members, first.elements()));
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

    /** The tensors of the models that have it; only what is optional may be missing. */
    private List<Found> find(Assignment assignment) {
        List<Found> all = new ArrayList<>();
        for (Assignment.Source source : assignment.sources()) {
            Optional<TensorRef> tensor = lookup.resolve(source.model(), source.tensor());
            if (tensor.isEmpty() && !lookup.architecture().isOptional(source.tensor())) {
                throw new CheckpointException(
                        lookup.of(source.model()).checkpoint().location() + ": tensor "
                                + Printable.quote(source.tensor()) + " is missing",
                        "the other models have it; check that all models are of one architecture and complete");
            }
            tensor.ifPresent(found -> all.add(new Found(source, found)));
        }
        return all;
    }

    /** Also where models lack an optional tensor and the method cannot work with those that are left. */
    private boolean isCopied(Assignment assignment, List<Found> all) {
        if (assignment.copied()) {
            return true;
        }
        MethodSpec spec = method.spec();
        boolean base = assignment.base().isPresent()
                && all.stream().anyMatch(found -> found.source().model().equals(assignment.base().get()));
        int members = all.size() - (base && spec.base() == MethodSpec.BaseRole.ORIGIN ? 1 : 0);
        return all.size() < assignment.sources().size() && (members < spec.minModels() || spec.requiresBase() && !base);
    }

    private Resolved copied(Assignment assignment, TensorRef tensor) {
        return new Resolved(
                assignment.name(),
                tensor.dtype(),
                tensor.shape(),
                Optional.empty(),
                List.of(tensor),
                Optional.empty(),
                new TensorContext(
                        assignment.name(),
                        tensor.elements(),
                        List.of(new TensorContext.ModelContext(0, new ParameterValues(Map.of()))),
                        new ParameterValues(Map.of()),
                        seed));
    }

    private static void checkShapes(List<Found> all) {
        TensorRef first = all.getFirst().tensor();
        for (Found found : all) {
            if (!found.tensor().shape().equals(first.shape())) {
                throw new CheckpointException(
                        found.tensor().file() + ": tensor " + Printable.quote(found.tensor().name()) + " has shape "
                                + found.tensor().shape() + ", but " + first.shape() + " in " + first.file(),
                        "merge models of one architecture and size; for vocabularies that differ, resize the embeddings");
            }
        }
    }

    /** The merged models: without the base where others count as differences from it, base first where it is one of two. */
    private List<Found> members(List<Found> all, Optional<Found> base) {
        List<Found> members = new ArrayList<>(all);
        base.ifPresent(found -> {
            switch (method.spec().base()) {
                case ORIGIN -> members.remove(found);
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
            String beside = spec.base() == MethodSpec.BaseRole.ORIGIN ? " besides the base model" : "";
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

    private TensorContext context(Assignment assignment, List<Found> members, long elements) {
        List<TensorContext.ModelContext> contexts = new ArrayList<>();
        for (Found member : members) {
            contexts.add(
                    new TensorContext.ModelContext(contexts.size(), parameters.of(assignment, member.source())));
        }
        return new TensorContext(assignment.name(), elements, contexts, parameters.globals(assignment), seed);
    }
}
