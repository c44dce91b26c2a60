// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.checkpoint.TensorSpec;
import dev.ingot.kernel.Table;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.Part;
import dev.ingot.method.Step;
import dev.ingot.method.TensorContext;
import dev.ingot.method.TensorProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One output tensor: where it goes and what it is made of.
 *
 * @param index  its place in the plan
 * @param name   its name in the output
 * @param dtype  its type in the output
 * @param shape  its shape, that of all inputs once they have the output's rows; factors are stored in shapes of their own
 * @param base   the base model's tensor, for methods that work on differences from it
 * @param models the merged tensors, and behind them those of their companions
 * @param mask   the packed mask, for programs that unpack one
 * @param rows   how the inputs get the rows of the output's tokens; empty if they have them, perhaps with others behind
 * @param method computes it; empty if the first input is copied
 * @param context what the method gets
 * @param shard  index of the output file
 * @param offset where its data begins there, in bytes from the start of the file
 * @param reads  passes over the inputs in the usual case
 * @param baseReads passes over the base alone, besides
 * @param draws  how many numbers it takes from the run's random sequence, if there is one
 * @param candidates keys that a selection by magnitude may keep per model
 * @param memory bytes of native memory that computing it takes beyond the workers' own
 */
public record PlannedTensor(
        int index,
        String name,
        Dtype dtype,
        Shape shape,
        Optional<TensorRef> base,
        List<TensorRef> models,
        Optional<TensorRef> mask,
        Optional<RowGather> rows,
        Optional<MergeMethod> method,
        TensorContext context,
        int shard,
        long offset,
        int reads,
        int baseReads,
        long draws,
        long candidates,
        long memory) {
    /** Copies the list. */
    public PlannedTensor {
        models = List.copyOf(models);
    }

    /** How it is computed; the method writes the program anew for each call. */
    public TensorProgram program() {
        return method.map(m -> m.program(context))
                .orElseGet(() -> TensorProgram.single(
                        base.isPresent() ? new Step.CopyBase() : new Step.CopyModel(0)));
    }

    /** The merged tensors alone. */
    public List<TensorRef> merged() {
        return models.subList(0, models.size() - companionCount());
    }

    /** The tensors of companions. */
    public List<TensorRef> companions() {
        return models.subList(models.size() - companionCount(), models.size());
    }

    private int companionCount() {
        return context.operands() - context.models().size();
    }

    /** The files that it is read from, each once. */
    List<Path> files() {
        return Stream.of(base.stream(), models.stream(), mask.stream(), rows.stream().flatMap(gather -> gather.sources().stream()))
                .flatMap(refs -> refs)
                .map(TensorRef::file)
                .distinct()
                .toList();
    }

    /** Number of elements. */
    public long elements() {
        return shape.elements();
    }

    /** Whether the output is one bit per element. */
    public boolean isBits() {
        return context.part().isBits();
    }

    /** Name, type and shape in the output. */
    public TensorSpec stored() {
        return stored(name, dtype, shape, context.part());
    }

    static TensorSpec stored(String name, Dtype dtype, Shape shape, Part part) {
        return switch (part) {
            case Part.Mask mask -> new TensorSpec(name, Dtype.U8, Shape.of(Table.bitBytes(shape.elements())));
            case Part.Factor factor -> new TensorSpec(name, dtype, factor.shape());
            case Part.Model model -> new TensorSpec(name, dtype, shape);
            case Part.Vector vector -> new TensorSpec(name, dtype, shape);
        };
    }

    /** Size in the output. */
    public long bytes() {
        return stored().bytes();
    }

    /** Whether no later tensor of the plan has the same inputs. */
    public boolean isLastReader() {
        return switch (context.part()) {
            case Part.Model() -> true;
            case Part.Vector() -> false;
            case Part.Factor factor -> false;
            case Part.Mask(int task) -> task == context.models().size() - 1;
        };
    }

    /** Input bytes of one pass. */
    public long inputBytes() {
        return base.map(this::inputBytes).orElse(0L)
                + models.stream().mapToLong(this::inputBytes).sum();
    }

    private long inputBytes(TensorRef input) {
        return Math.ceilDiv(elements() * input.dtype().bits(), Byte.SIZE);
    }

    /** Input bytes of all passes in the usual case. */
    public long bytesToRead() {
        return method.isEmpty()
                ? bytes()
                : inputBytes() * reads
                        + base.map(this::inputBytes).orElse(0L) * baseReads
                        + mask.map(TensorRef::bytes).orElse(0L);
    }
}
