// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.error.IngotException;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.kernel.Backends;
import dev.ingot.method.Methods;
import dev.ingot.plan.Plan;
import dev.ingot.plan.Planner;
import dev.ingot.report.OutputFiles;
import dev.ingot.report.ProcessMemory;
import dev.ingot.report.RunFacts;
import dev.ingot.report.RunReport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The merge engine. Finds its backends once; holds no files, threads or memory between merges. Thread-safe: merges may run
 * at the same time, each with worker threads of its own.
 */
public final class Ingot {
    private final Backends backends;
    private final Methods methods = Methods.load();
    private final Planner planner = new Planner(methods);

    private Ingot(Backends backends) {
        this.backends = backends;
    }

    /** An engine with the backends of this machine. The environment variable {@code INGOT_ISA} forces an instruction set. */
    public static Ingot create() {
        return create(System.getenv());
    }

    /**
     * An engine with the backends of this machine.
     *
     * @param environment variables to go by instead of the process's own
     */
    public static Ingot create(Map<String, String> environment) {
        return new Ingot(Backends.detect(environment));
    }

    /**
     * Checks a merge and lays it out. Reads headers only and writes nothing.
     *
     * @throws IngotException if the merge cannot be done, with the reason
     */
    public MergePlan plan(MergeRequest request) {
        return new MergePlan(planner.plan(request.toPlanRequest()));
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
        long start = System.nanoTime();
        Backends.Choice choice = backends.choose(request.backend());
        Plan plan = planner.plan(request.toPlanRequest());
        SequencedMap<String, byte[]> files = OutputFiles.of(plan, request.copyTokenizer(), request.modelCard());
        MergeExecutor executor = new MergeExecutor(plan, choice.backend(), request.io());
        List<String> warnings = new ArrayList<>(plan.warnings());
        choice.notice().ifPresent(warnings::add);
        AtomicReference<RunFacts> facts = new AtomicReference<>();
        Runnable unregister = cancellation.onCancel(executor::cancel);
        ProgressMonitor monitor = ProgressMonitor.start(executor.progress(), listener);
        try {
            executor.run(resumed -> {
                facts.set(new RunFacts(
                        choice.backend().description(),
                        Duration.ofNanos(System.nanoTime() - start),
                        executor.progress().snapshot().read(),
                        resumed,
                        ProcessMemory.now(),
                        warnings));
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
                warnings,
                RunReport.json(plan, facts.get()));
    }
}
