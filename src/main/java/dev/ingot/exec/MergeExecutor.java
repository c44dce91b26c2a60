// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.SafetensorsHeader;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.DeviceException;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.error.ResourceException;
import dev.ingot.ffi.Posix;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.InputFaultException;
import dev.ingot.method.ModelStep;
import dev.ingot.method.TensorContext;
import dev.ingot.method.TensorProgram;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedTensor;
import dev.ingot.plan.Resources;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** Carries out plans. One executor runs one plan once. */
public final class MergeExecutor {
    private final Plan plan;
    private final Backend backend;
    private final IoMode mode;
    private final RandomSequence random;
    private final Progress progress;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private Map<String, List<Double>> findings = Map.of();

    /**
     * @param plan     what to do
     * @param backend  computes the kernels
     * @param mode     how inputs are read
     */
    public MergeExecutor(Plan plan, Backend backend, IoMode mode) {
        this(
                plan,
                backend,
                mode,
                new Progress(
                        plan.bytesToRead(),
                        plan.tensors().stream().mapToLong(PlannedTensor::bytes).sum()));
    }

    /** @param progress is told of all that happens */
    MergeExecutor(Plan plan, Backend backend, IoMode mode, Progress progress) {
        this.plan = plan;
        this.backend = backend;
        this.mode = mode;
        this.random = RandomSequence.of(plan);
        this.progress = progress;
    }

    /** How far the run is; may be asked from any thread. */
    public Progress progress() {
        return progress;
    }

    /** What was found out of the model as a whole, by name; when the output has been computed. */
    public Map<String, List<Double>> findings() {
        return findings;
    }

    /** Asks the run to stop soon; what it has finished stays for the next run. Returns at once, from any thread. */
    public void cancel() {
        cancelled.set(true);
    }

    /**
     * Runs the plan on the plan's number of threads and returns when the output is complete and durable.
     *
     * @param files makes the small files of the output, by name, from the number of tensors that an interrupted run had
     *              finished already; called once, after the weights have been written
     * @throws InterruptedMergeException if the run was cancelled
     * @throws CheckpointException       if an input changed or failed meanwhile, nothing is left then; or if a tensor's values
     *                                   cannot be merged, what is finished stays for the next run then
     * @throws ResourceException         if the output cannot be written
     * @throws DeviceException           if the backend's device failed; what is finished stays for the next run
     */
    public void run(IntFunction<SequencedMap<String, byte[]>> files) {
        Optional<Posix> posix = Posix.find();
        List<SafetensorsHeader> headers = plan.inputs().stream()
                .map(Checkpoint::files)
                .flatMap(List::stream)
                .distinct()
                .toList();
        if (cancelled.get()) {
            throw stopped();
        }
        try (InputFiles inputs = new InputFiles(headers, mode, posix);
                OutputDirectory output = OutputDirectory.open(plan, posix)) {
            try {
                compute(inputs, output);
                inputs.checkUnchanged();
            } catch (InputFaultException e) {
                output.discard();
                throw new CheckpointException(
                        "an input file was changed or became unreadable during the merge: one of " + inputs.names(),
                        "another program changed the file, or its disk failed; restore it, then run again",
                        e);
            } catch (RuntimeException | Error e) {
                output.finishWriting();
                boolean nothing = progress.finishedTensors() == 0 && output.journal().isEmpty();
                if (nothing || e instanceof CheckpointException && !inputs.areUnchanged()) {
                    output.discard();
                }
                throw e;
            }
            output.commit(plan, () -> files.apply(progress.resumedTensors()));
        }
    }

    private void compute(InputFiles inputs, OutputDirectory output) {
        ProgramRun.Surroundings around =
                new ProgramRun.Surroundings(inputs, plan.resources().tileElements(), random, progress, () -> {
                    if (cancelled.get()) {
                        throw stopped();
                    }
                });
        Function<PlannedTensor, TensorProgram> programs = programs(around);
        schedule(plan.inOrderOfReading().stream().map(tensor -> run(tensor, programs.apply(tensor), around, output)), 0);
        output.drain();
        if (progress.finishedTensors() < plan.tensors().size()) {
            throw stopped();
        }
    }

    /** How to compute each tensor, for which some methods have to know the model as a whole. */
    private Function<PlannedTensor, TensorProgram> programs(ProgramRun.Surroundings around) {
        List<PlannedTensor> computed = plan.tensors().stream()
                .filter(tensor -> tensor.method().isPresent() && tensor.context().part().isSurveyed())
                .toList();
        Optional<ModelStep> survey = computed.stream()
                .findFirst()
                .flatMap(PlannedTensor::method)
                .flatMap(method -> method.survey(computed.stream().map(PlannedTensor::context).toList()));
        if (survey.isEmpty()) {
            return PlannedTensor::program;
        }
        ModelStep.Programs found = new ModelSurvey(computed, around, this::pass)
                .programs(survey.get(), plan.resources().selectionMemory());
        findings = found.findings();
        Function<TensorContext, TensorProgram> of = found.of();
        return tensor -> tensor.method().isPresent() ? of.apply(tensor.context()) : tensor.program();
    }

    /** A pass of a survey. */
    private void pass(List<? extends TensorRun> runs, long memory) {
        schedule(runs.stream(), memory);
        if (cancelled.get()) {
            throw stopped();
        }
    }

    private void schedule(Stream<? extends TensorRun> runs, long taken) {
        MemoryBudget budget = new MemoryBudget(plan.resources().tensorMemory() - taken);
        Iterator<? extends TensorRun> pending = runs.iterator();
        new TileScheduler(pending, budget, cancelled)
                .run(plan.resources().threads(), () -> {
                    Resources resources = plan.resources();
                    return new Lane(
                            backend, resources.laneMemory(), resources.algebraMemory(), resources.laneHistograms());
                });
    }

    private InterruptedMergeException stopped() {
        return new InterruptedMergeException(
                plan.output() + ": the merge was stopped after " + progress.finishedTensors() + " of "
                        + plan.tensors().size() + " tensors",
                "run the same command again to continue");
    }

    private TensorRun run(
            PlannedTensor tensor, TensorProgram program, ProgramRun.Surroundings around, OutputDirectory output) {
        TensorOutput tensorOutput = new TensorOutput(tensor, output.shard(tensor.shard()), output.journal(), progress);
        return new MergeRun(tensor, program, around, tensorOutput);
    }
}
