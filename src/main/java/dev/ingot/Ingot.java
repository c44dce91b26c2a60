// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.config.NearestName;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.IngotException;
import dev.ingot.error.UsageException;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.exec.SpectrumRun;
import dev.ingot.kernel.Backends;
import dev.ingot.method.Methods;
import dev.ingot.plan.MaskFolder;
import dev.ingot.plan.OutputCheck;
import dev.ingot.plan.Plan;
import dev.ingot.plan.Planner;
import dev.ingot.plan.Product;
import dev.ingot.report.FactorsJson;
import dev.ingot.report.MasksJson;
import dev.ingot.report.OutputFiles;
import dev.ingot.report.ProcessMemory;
import dev.ingot.report.RunFacts;
import dev.ingot.report.RunReport;
import dev.ingot.report.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The merge engine. Finds its backends once, when first needed; holds no files, threads or memory between merges.
 * Thread-safe: merges may run at the same time, each with worker threads of its own.
 */
public final class Ingot {
    private final Map<String, String> environment;
    private final Methods methods = Methods.load();
    private final Planner planner = new Planner(methods);

    private Backends backends;

    private Ingot(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * An engine with the backends of this machine. The environment variable {@code INGOT_ISA} forces an instruction set, {@code
     * INGOT_CUDA_DEVICES} chooses GPUs, and {@code INGOT_CUDA_MATRICES} which matrices go to them.
     */
    public static Ingot create() {
        return create(System.getenv());
    }

    /**
     * An engine with the backends of this machine.
     *
     * @param environment variables to go by instead of the process's own; not {@code INGOT_CUDA_DRIVER}, which names the
     *                    driver's library once for the whole process
     */
    public static Ingot create(Map<String, String> environment) {
        return new Ingot(environment);
    }

    /** The version of this build, for instance {@code 0.1.0}. */
    public static String version() {
        return Version.current();
    }

    /** All merge methods, by name. */
    public List<MethodInfo> methods() {
        return methods.all().stream().map(MethodInfo::of).toList();
    }

    /**
     * The merge method of this name.
     *
     * @throws UsageException if there is none; the hint names a near one
     */
    public MethodInfo method(String name) {
        return methods.find(name)
                .map(MethodInfo::of)
                .orElseThrow(() -> new UsageException(
                        "there is no merge method '" + name + "'",
                        NearestName.suggest(name, methods.names())
                                .map(near -> "did you mean '" + near + "'?")
                                .orElse("known methods: " + String.join(", ", methods.names()))));
    }

    /** All backends, usable or not, best first. */
    public List<Diagnosis.Backend> backends() {
        return Diagnosis.list(detected());
    }

    /** What was found on this machine, and why what is not used is off. */
    public Diagnosis diagnose() {
        return Diagnosis.of(detected());
    }

    /**
     * What a checkpoint holds. Reads headers only.
     *
     * @param checkpoint a model directory, a safetensors file or an index file
     * @throws dev.ingot.error.CheckpointException if it cannot be read or breaks a rule of the format
     */
    public Inspection inspect(Path checkpoint) {
        return Inspection.of(Checkpoint.open(checkpoint));
    }

    /**
     * Computes the singular values of all matrices of some models, or of what they differ from a base model by. Reads every
     * value once, and writes nothing. Interrupting the calling thread cancels it.
     *
     * @param listener     hears how far it is, by bytes read
     * @param cancellation stops it after the factorisations that are going on
     * @throws dev.ingot.error.CheckpointException        if a model cannot be read
     * @throws dev.ingot.error.DeviceException            if OpenBLAS is not there
     * @throws dev.ingot.error.ResourceException          if the largest matrix needs more memory than is allowed
     * @throws dev.ingot.error.InterruptedMergeException  if it was cancelled
     */
    public Spectrum spectrum(SpectrumRequest request, ProgressListener listener, Cancellation cancellation) {
        SpectrumPlan plan = SpectrumPlan.of(request);
        SpectrumRun run = plan.run(detected().host());
        Runnable unregister = cancellation.onCancel(run::cancel);
        ProgressMonitor monitor = ProgressMonitor.start(run.progress(), listener);
        try {
            return plan.result(run.run());
        } finally {
            monitor.close();
            unregister.run();
        }
    }

    /**
     * Times kernels beside copies of the same bytes. Takes minutes, all processors and much memory; anything else that runs
     * meanwhile disturbs it.
     *
     * @param listener hears of each kernel when it has been measured
     * @throws dev.ingot.error.DeviceException if the backend is not available
     * @throws UsageException if there is no backend of this name
     */
    public KernelRates measure(KernelBench bench, Consumer<KernelRates.Kernel> listener) {
        return KernelMeter.run(bench, detected(), listener);
    }

    private synchronized Backends detected() {
        if (backends == null) {
            backends = Backends.detect(environment);
        }
        return backends;
    }

    /**
     * Checks a merge and lays it out. Reads headers only and writes nothing.
     *
     * @throws IngotException if the merge cannot be done, with the reason
     */
    public MergePlan plan(MergeRequest request) {
        AtomicReference<Backends.Choice> choice = new AtomicReference<>();
        Plan plan = planner.plan(request.toPlanRequest(), () -> {
            choice.set(detected().choose(request.backend()));
            return choice.get().backend();
        });
        if (!request.overwrite()) {
            OutputCheck.requireNew(plan, OutputFiles.names(plan, request.copyTokenizer(), request.modelCard()));
        }
        return new MergePlan(plan, request, choice.get());
    }

    /**
     * Checks of all merges what can be known before the first of them is done. Reads headers only and writes nothing.
     *
     * @throws IngotException if one of them cannot be done, with the reason
     */
    public void check(MergeSequence sequence) {
        for (MergeSequence.Stage stage : sequence.stages()) {
            // Whether a result that is there already is the right one is not known yet.
            MergeRequest request = stage.name().isPresent() ? stage.request().withOverwrite(true) : stage.request();
            planner.check(request.toPlanRequest());
        }
    }

    /**
     * Checks a merge of several and lays it out, when the results that it uses are there. Reads headers only and writes nothing.
     *
     * @return the plan; empty if others use the result and it is there already
     * @throws IngotException if the merge cannot be done, with the reason
     */
    public Optional<MergePlan> plan(MergeSequence.Stage stage) {
        if (stage.name().isPresent() && isDone(plan(stage.request().withOverwrite(true)))) {
            return Optional.empty();
        }
        return Optional.of(plan(stage.request()));
    }

    /** Whether a run of this very plan was finished in the output directory. */
    private static boolean isDone(MergePlan plan) {
        Path report = plan.output().resolve(RunReport.FILE_NAME);
        if (OutputCheck.isStarted(plan.output())
                || !Files.isRegularFile(report)
                || !plan.files().stream().allMatch(name -> Files.isRegularFile(plan.output().resolve(name)))) {
            return false;
        }
        try {
            return ModelConfig.read(report).string("planHash").filter(plan.hash()::equals).isPresent();
        } catch (CheckpointException e) {
            return false;
        }
    }

    /**
     * Merges, and returns when the result is complete and durable.
     *
     * @throws IngotException if the merge cannot be done; then no file has a final name that is not complete
     */
    public MergeResult merge(MergeRequest request) {
        return merge(request, ProgressListener.NONE, new Cancellation());
    }

    /**
     * Merges, and returns when the result is complete and durable. Interrupting the calling thread cancels the merge.
     *
     * @param listener     hears how far the merge is
     * @param cancellation stops the merge; what it has finished stays for the next run of the same request
     * @throws dev.ingot.error.InterruptedMergeException if it was cancelled
     * @throws IngotException if the merge cannot be done; then no file has a final name that is not complete
     */
    public MergeResult merge(MergeRequest request, ProgressListener listener, Cancellation cancellation) {
        return merge(plan(request), listener, cancellation);
    }

    /**
     * Carries out a plan, and returns when the result is complete and durable. Interrupting the calling thread cancels
     * the merge. Inputs and output directory must be as they were when the plan was made.
     *
     * @param mergePlan    what to do
     * @param listener     hears how far the merge is
     * @param cancellation stops the merge; what it has finished stays for the next run of the same request
     * @throws dev.ingot.error.InterruptedMergeException if it was cancelled
     * @throws IngotException if the merge cannot be done; then no file has a final name that is not complete
     */
    public MergeResult merge(MergePlan mergePlan, ProgressListener listener, Cancellation cancellation) {
        long start = System.nanoTime();
        Plan plan = mergePlan.plan();
        MergeRequest request = mergePlan.request();
        SequencedMap<String, byte[]> files = OutputFiles.of(plan, request.copyTokenizer(), request.modelCard());
        MergeExecutor executor = new MergeExecutor(plan, mergePlan.chosen(), request.io());
        AtomicReference<RunFacts> facts = new AtomicReference<>();
        Runnable unregister = cancellation.onCancel(executor::cancel);
        ProgressMonitor monitor = ProgressMonitor.start(executor.progress(), listener);
        try {
            executor.run(resumed -> {
                facts.set(new RunFacts(
                        mergePlan.backend(),
                        Duration.ofNanos(System.nanoTime() - start),
                        executor.progress().snapshot().read(),
                        resumed,
                        ProcessMemory.now(),
                        executor.findings(),
                        mergePlan.warnings()));
                if (plan.product() instanceof Product.Masks) {
                    files.put(MaskFolder.FILE_NAME, MasksJson.of(plan, executor.findings()));
                }
                if (plan.product() instanceof Product.Factors) {
                    files.put(FactorsJson.FILE_NAME, FactorsJson.of(plan));
                }
                String report = RunReport.json(plan, facts.get()) + "\n";
                files.put(RunReport.FILE_NAME, report.getBytes(StandardCharsets.UTF_8));
                return files;
            });
        } finally {
            monitor.close();
            unregister.run();
        }
        return new MergeResult(
                plan.output(),
                Duration.ofNanos(System.nanoTime() - start),
                facts.get().bytesRead(),
                plan.bytesToWrite(),
                facts.get().resumedTensors(),
                facts.get().backend(),
                plan.seed(),
                facts.get().memory().peakResident(),
                facts.get().warnings(),
                RunReport.json(plan, facts.get()));
    }
}
