// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.NameOrder;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.checkpoint.TensorSpec;
import dev.ingot.config.ModelReference;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.ParameterValues;
import dev.ingot.method.Part;
import dev.ingot.method.Randomness;
import dev.ingot.method.TensorContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** Finds an assignment's tensors, checks that they fit, and settles parameters and output type. */
final class TensorResolver {
    private final MergeMethod method;
    private final TensorLookup lookup;
    private final CompanionTensors companions;
    private final TokenRows tokenRows;
    private final Optional<Dtype> workType;
    private final Optional<Dtype> outputType;
    private final Rng rng;
    private final long seed;
    private final ParameterReader parameters;
    private final OtherShapes otherShapes;

    /**
     * An output tensor without a place.
     *
     * @param sourceName the largest of the inputs' names
     * @param mask       the packed mask, for programs that unpack one
     * @param method     empty if the first input is copied
     */
    record Resolved(
            String name,
            String sourceName,
            Dtype dtype,
            Shape shape,
            Optional<TensorRef> base,
            List<TensorRef> models,
            Optional<TensorRef> mask,
            Optional<RowGather> rows,
            Optional<MergeMethod> method,
            TensorContext context) {
        /** The same tensor at another place of the random sequence, if there is one. */
        Resolved from(long draw) {
            return context.random() instanceof Randomness.Sequence sequence
                    ? with(dtype, context.withRandom(sequence.from(draw)))
                    : this;
        }

        /** Another part of the tensor, stored in this type. */
        Resolved part(Part part, Dtype type) {
            return with(type, context.withPart(part));
        }

        /** One of the tensor's factors, stored in this type. */
        Resolved factor(Part.Factor factor, Dtype type) {
            return with(name + factor.suffix(), type, context.withPart(factor));
        }

        private Resolved with(Dtype type, TensorContext changed) {
            return with(name, type, changed);
        }

        private Resolved with(String output, Dtype type, TensorContext changed) {
            return new Resolved(output, sourceName, type, shape, base, models, mask, rows, method, changed);
        }

        /** Name, type and shape in the output. */
        TensorSpec stored() {
            return PlannedTensor.stored(name, dtype, shape, context.part());
        }
    }

    /** A model's tensor, found. */
    record Found(Assignment.Source source, TensorRef tensor) {}

    /**
     * @param companions further checkpoints of the models
     * @param tokenRows  rows of embeddings and heads
     * @param workType   the type in which the configuration says to compute
     * @param outputType the type in which it says to write, if that is another
     */
    TensorResolver(
            MergeMethod method,
            TensorLookup lookup,
            CompanionTensors companions,
            TokenRows tokenRows,
            Optional<Dtype> workType,
            Optional<Dtype> outputType,
            Rng rng,
            long seed) {
        this.method = method;
        this.lookup = lookup;
        this.companions = companions;
        this.tokenRows = tokenRows;
        this.workType = workType;
        this.outputType = outputType.or(() -> workType);
        this.rng = rng;
        this.seed = seed;
        this.parameters = new ParameterReader(method.spec());
        this.otherShapes = new OtherShapes(method, lookup);
    }

    /** What the tensors resolved so far give reason to say. */
    List<String> warnings() {
        return Stream.concat(otherShapes.warnings().stream(), companions.warnings().stream()).toList();
    }

    Resolved resolve(Assignment assignment) {
        List<Found> all = otherShapes.leaveOut(assignment, find(assignment));
        TokenRows.Fitted fitted = fit(assignment, all);
        if (isCopied(assignment, all)) {
            return copied(assignment, all.getFirst().tensor(), fitted);
        }
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
        CompanionTensors.Behind behind =
                companions.behind(assignment, computed ? members : List.of(), fitted.rows().isPresent());
        return new Resolved(
                assignment.name(),
                all.stream().map(found -> found.tensor().name()).max(NameOrder.UTF8).orElseThrow(),
                computed ? outputType.orElseGet(() -> commonType(leading, tensors)) : first.dtype(),
                fitted.shape(),
                origin,
                Stream.concat(tensors.stream(), behind.tensors().stream()).toList(),
                Optional.empty(),
                fitted.rows(),
                computed ? Optional.of(method) : Optional.empty(),
                context(assignment, members, behind, first.dtype(), fitted.shape(), origin.isPresent()));
    }

    /** The shape that all inputs have, or get. */
    private TokenRows.Fitted fit(Assignment assignment, List<Found> all) {
        TensorRef first = all.getFirst().tensor();
        if (tokenRows.concern(assignment.name(), first)) {
            SequencedMap<ModelReference, TensorRef> matrices = new LinkedHashMap<>();
            all.forEach(found -> matrices.put(found.source().model(), found.tensor()));
            return tokenRows.fit(
                    assignment.name(),
                    matrices,
                    model -> lookup.resolve(model, assignment.name()).orElseThrow(() -> missing(
                            model, assignment.name(), "the tokenizer's tokens take their embeddings from this model")));
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

    /** The tensors of the models that have it; only what is optional may be missing. */
    private List<Found> find(Assignment assignment) {
        List<Found> all = new ArrayList<>();
        for (Assignment.Source source : assignment.sources()) {
            Optional<TensorRef> tensor = lookup.resolve(source.model(), source.tensor());
            if (tensor.isEmpty() && !lookup.architecture().isOptional(source.tensor())) {
                throw missing(
                        source.model(),
                        source.tensor(),
                        "the other models have it; check that all models are of one architecture and complete");
            }
            tensor.ifPresent(found -> all.add(new Found(source, found)));
        }
        return all;
    }

    private CheckpointException missing(ModelReference model, String tensor, String hint) {
        return new CheckpointException(
                lookup.of(model).checkpoint().location() + ": tensor " + Printable.quote(tensor) + " is missing", hint);
    }

    /** Also where models lack an optional tensor and the method cannot work with those that are left. */
    private boolean isCopied(Assignment assignment, List<Found> all) {
        if (assignment.copied()) {
            return true;
        }
        MethodSpec spec = method.spec();
        boolean base = assignment.base().isPresent()
                && all.stream().anyMatch(found -> found.source().model().equals(assignment.base().get()));
        int members = all.size() - (base && spec.countsFromBase() ? 1 : 0);
        return all.size() < assignment.sources().size() && (members < spec.minModels() || spec.requiresBase() && !base);
    }

    private Resolved copied(Assignment assignment, TensorRef tensor, TokenRows.Fitted fitted) {
        return new Resolved(
                assignment.name(),
                tensor.name(),
                tensor.dtype(),
                fitted.shape(),
                Optional.empty(),
                List.of(tensor),
                Optional.empty(),
                fitted.rows(),
                Optional.empty(),
                new TensorContext(
                        assignment.name(),
                        fitted.shape(),
                        false,
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

    private TensorContext context(
            Assignment assignment,
            List<Found> members,
            CompanionTensors.Behind behind,
            Dtype leading,
            Shape shape,
            boolean hasBase) {
        List<TensorContext.ModelContext> contexts = new ArrayList<>();
        for (Found member : members) {
            int place = contexts.size();
            contexts.add(new TensorContext.ModelContext(
                    place,
                    lookup.number(member.source().model()),
                    parameters.of(assignment, member.source()),
                    behind.numbers().isEmpty() ? Map.of() : behind.numbers().get(place)));
        }
        Randomness random = switch (rng) {
            case PHILOX -> new Randomness.Keyed(seed);
            case MERGEKIT -> new Randomness.Sequence(seed, 0, workType.orElse(leading));
        };
        return new TensorContext(
                assignment.name(),
                shape,
                hasBase,
                contexts,
                parameters.globals(assignment),
                random,
                assignment.position());
    }
}
