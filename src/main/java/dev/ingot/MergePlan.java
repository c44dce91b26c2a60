// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.TensorRef;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Backends;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedShard;
import dev.ingot.plan.PlannedTensor;
import dev.ingot.report.PlanJson;
import dev.ingot.report.PlanText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** A merge that has been checked and laid out: all that it will read, compute and write. */
public final class MergePlan {
    private final Plan plan;
    private final MergeRequest request;
    private final Backends.Choice choice;

    MergePlan(Plan plan, MergeRequest request, Backends.Choice choice) {
        this.plan = plan;
        this.request = request;
        this.choice = choice;
    }

    /**
     * One tensor of the output.
     *
     * @param name   its name
     * @param dtype  its element type, such as {@code BF16}
     * @param shape  its dimensions, outermost first
     * @param file   name of the output file that holds it
     * @param inputs the files that it is made from, the base model's first
     */
    public record Tensor(String name, String dtype, List<Long> shape, String file, List<Path> inputs) {}

    /** Identifies the result: plans of one hash give the same bytes. */
    public String hash() {
        return plan.hash();
    }

    /** Name of the merge method. */
    public String method() {
        return plan.method().name();
    }

    /** What will compute it, or has, for instance {@code cpu (avx2)}. */
    public String backend() {
        return choice.backend().description();
    }

    /** Seed of random masks. */
    public long seed() {
        return plan.seed();
    }

    /** How random masks are drawn: {@code philox} or {@code mergekit}. */
    public String rng() {
        return plan.rng().toString();
    }

    /** The output directory. */
    public Path output() {
        return plan.output();
    }

    /** Number of parameters of the output. */
    public long parameters() {
        return plan.parameters();
    }

    /** Input bytes to read, counting each pass. */
    public long bytesToRead() {
        return plan.bytesToRead();
    }

    /** Output bytes to write. */
    public long bytesToWrite() {
        return plan.bytesToWrite();
    }

    /** Expected peak of the process's anonymous memory in bytes. */
    public long peakMemory() {
        return plan.resources().peakMemory();
    }

    /** Names of the weight files to be written. */
    public List<String> files() {
        return plan.shards().stream().map(PlannedShard::fileName).toList();
    }

    /** The output's tensors in the order of their places. */
    public List<Tensor> tensors() {
        return plan.tensors().stream().map(this::tensor).toList();
    }

    /** What the user should know, one line each; a merge may add to it. */
    public List<String> warnings() {
        boolean unused = !request.copyTokenizer()
                && plan.tokenization().merge().isEmpty()
                && plan.tokenization().chatTemplate().isPresent();
        Stream<String> template = unused
                ? Stream.of("'chat_template' has no effect, because the tokenizer is left out")
                : Stream.empty();
        return Stream.of(
                        plan.warnings().stream(), template, choice.notice().stream(), choice.backend().notice().stream())
                .flatMap(Function.identity())
                .toList();
    }

    /** The plan for people to read. */
    public String toText() {
        return PlanText.of(plan, backend(), warnings());
    }

    /** The plan as one JSON object, schema {@code ingot.plan/1}. */
    public String toJson() {
        return PlanJson.of(plan, backend(), warnings());
    }

    private Tensor tensor(PlannedTensor tensor) {
        List<Path> inputs = Stream.concat(tensor.base().stream(), tensor.models().stream())
                .map(TensorRef::file)
                .toList();
        return new Tensor(
                tensor.name(),
                tensor.stored().dtype().name(),
                tensor.stored().shape().dims(),
                plan.shards().get(tensor.shard()).fileName(),
                inputs);
    }

    Plan plan() {
        return plan;
    }

    MergeRequest request() {
        return request;
    }

    Backend chosen() {
        return choice.backend();
    }
}
