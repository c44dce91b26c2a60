// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.error.CheckpointException;
import dev.ingot.kernel.Table;
import dev.ingot.method.ParameterValues;
import dev.ingot.method.Reconstruct;
import dev.ingot.method.TensorContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/** Plans how a model is rebuilt from a base, the vector of several models, and one of their masks. */
final class Reconstructor {
    private static final Reconstruct METHOD = new Reconstruct();

    private final Checkpoint base;
    private final Checkpoint vector;
    private final Checkpoint mask;
    private final Optional<Dtype> outputType;
    private final ParameterValues parameters;

    private Reconstructor(
            Checkpoint base, Checkpoint vector, Checkpoint mask, Optional<Dtype> outputType, double rescaler) {
        this.base = base;
        this.vector = vector;
        this.mask = mask;
        this.outputType = outputType;
        this.parameters = new ParameterValues(Map.of(Reconstruct.RESCALER, rescaler));
    }

    /**
     * Every tensor of the base, with what the mask leaves of the vector's where there is one.
     *
     * @throws CheckpointException if vector and mask do not fit the base
     */
    static Draft draft(PlanRequest request, Product.Reconstruction product) {
        MergeConfig config = request.config();
        MaskFolder folder = MaskFolder.read(product.masks());
        int task = folder.task(product.task());
        ModelReference donor = config.baseModel().orElseThrow();
        Checkpoint base = new ModelLoader(request.modelRoots(), request.results()).open(donor);
        Checkpoint vector = folder.openVector();
        Checkpoint mask = folder.openMask(task);
        SequencedMap<ModelReference, Checkpoint> models = new LinkedHashMap<>();
        models.put(donor, base);
        models.put(ModelReference.of(vector.location().toString()), vector);
        models.put(ModelReference.of(mask.location().toString()), mask);
        Reconstructor reconstructor =
                new Reconstructor(base, vector, mask, config.outDtype(), folder.rescalers().get(task));
        return new Draft(
                config,
                List.of(),
                METHOD.spec(),
                models,
                new LinkedHashMap<>(),
                donor,
                new Tokenization(Optional.empty(), Optional.empty(), OptionalInt.empty(), Map.of(), Map.of()),
                List.of(OutputGroup.model(reconstructor.tensors())),
                Map.of(),
                0,
                base.warnings());
    }

    private List<TensorResolver.Resolved> tensors() {
        for (TensorRef tensor : vector.tensors().values()) {
            if (base.find(tensor.name()).isEmpty()) {
                throw new CheckpointException(
                        base.location() + ": tensor " + Printable.quote(tensor.name()) + " is missing, but the vector in "
                                + tensor.file() + " has it",
                        "give the model that was the base of the masks");
            }
        }
        return base.tensors().values().stream().map(this::tensor).toList();
    }

    private TensorResolver.Resolved tensor(TensorRef own) {
        Optional<TensorRef> added = vector.find(own.name());
        added.ifPresent(delta -> checkFits(own, delta));
        return new TensorResolver.Resolved(
                own.name(),
                own.name(),
                added.isPresent() ? outputType.orElse(own.dtype()) : own.dtype(),
                own.shape(),
                added.map(delta -> own),
                List.of(added.orElse(own)),
                added.map(delta -> packed(own)),
                Optional.empty(),
                added.map(delta -> METHOD),
                new TensorContext(
                        own.name(),
                        own.shape(),
                        added.isPresent(),
                        List.of(new TensorContext.ModelContext(0, new ParameterValues(Map.of()))),
                        parameters,
                        0));
    }

    private static void checkFits(TensorRef own, TensorRef delta) {
        if (!own.shape().equals(delta.shape()) || !own.dtype().mergeable() || !delta.dtype().mergeable()) {
            throw new CheckpointException(
                    own.file() + ": tensor " + Printable.quote(own.name()) + " is " + own.dtype() + " of shape " + own.shape()
                            + ", but " + delta.dtype() + " of shape " + delta.shape() + " in " + delta.file(),
                    "give the model that was the base of the masks");
        }
    }

    private TensorRef packed(TensorRef own) {
        TensorRef bits = mask.find(own.name()).orElseThrow(() -> new CheckpointException(
                mask.location() + ": tensor " + Printable.quote(own.name()) + " is missing, but the vector has it",
                "write the masks again: vector and mask do not belong together"));
        if (bits.dtype() != Dtype.U8 || bits.bytes() != Table.bitBytes(own.shape().elements())) {
            throw new CheckpointException(
                    bits.file() + ": tensor " + Printable.quote(own.name()) + " is no mask of "
                            + own.shape().elements() + " elements",
                    "write the masks again: vector and mask do not belong together");
        }
        return bits;
    }
}
