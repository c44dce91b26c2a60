// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.kernel.Backend;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.method.MethodSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * A plan without places and resources: which tensors are made of what.
 *
 * @param tasks          names of the tasks whose masks are made
 * @param groups         the output tensors by checkpoint
 * @param tokenizerBytes size of all tokenizer files that are joined
 */
record Draft(
        MergeConfig config,
        List<String> tasks,
        MethodSpec method,
        SequencedMap<ModelReference, Checkpoint> models,
        SequencedMap<ModelReference, Checkpoint> companions,
        ModelReference donor,
        Tokenization tokenization,
        List<OutputGroup> groups,
        Map<String, Object> configChanges,
        long tokenizerBytes,
        List<String> warnings) {

    /**
     * The plan.
     *
     * @throws dev.ingot.error.ResourceException if memory or disk do not suffice
     * @throws dev.ingot.error.UsageException    if the output directory must not be written
     */
    Plan plan(PlanRequest request, Supplier<Backend> computing) {
        List<String> all = new ArrayList<>(warnings);
        List<List<CostedTensor>> costed = groups.stream()
                .map(group -> group.tensors().stream().map(CostedTensor::of).toList())
                .toList();
        Backend backend = computing.get();
        Resources resources = ResourcePlanner.plan(
                costed.stream().flatMap(List::stream).toList(),
                groups.size(),
                request.threads(),
                request.memory(),
                request.mostMemory(),
                backend.needs(),
                tokenizerBytes);
        if (resources.peakMemory() > resources.memory()) {
            all.add("joining the tokenizers may take more memory than is allowed, " + (resources.peakMemory() >> 20)
                    + " MiB in all: a smaller Java heap (-Xmx) holds it down");
        }
        List<PlannedShard> shards = new ArrayList<>();
        List<PlannedTensor> tensors = new ArrayList<>();
        for (int group = 0; group < groups.size(); group++) {
            List<PlannedShard> files = ShardPacker.pack(groups.get(group), request.shardSize());
            place(costed.get(group), files, shards.size(), resources.tensorMemory(), tensors);
            shards.addAll(files);
        }
        boolean surveyed = isSurveyed(tensors);
        boolean works = costed.stream().flatMap(List::stream).anyMatch(CostedTensor::takesAlgebra);
        Optional<String> algebra = works ? Optional.of(LinearAlgebra.identity(backend)) : Optional.empty();
        String hash = PlanHash.of(Plan.inputs(models, companions), shards, tensors, tokenization, algebra);
        OutputCheck.check(
                request.output(),
                Plan.inputs(models, companions),
                shards.stream().mapToLong(shard -> shard.layout().fileSize()).sum(),
                hash,
                request.overwrite());
        return new Plan(
                config,
                request.product(),
                tasks,
                method,
                models,
                companions,
                donor,
                tokenization,
                tensors,
                shards,
                configChanges,
                request.output(),
                request.seed(),
                request.rng(),
                resources,
                all,
                hash,
                PlanHash.keys(hash, shards, tensors, algebra, surveyed));
    }

    /** Whether the method goes by facts of the model as a whole; lets it refuse what makes no sense for that. */
    private static boolean isSurveyed(List<PlannedTensor> tensors) {
        List<PlannedTensor> surveyed = tensors.stream()
                .filter(tensor -> tensor.method().isPresent() && tensor.context().part().isSurveyed())
                .toList();
        return surveyed.stream()
                .findFirst()
                .flatMap(PlannedTensor::method)
                .flatMap(method ->
                        method.survey(surveyed.stream().map(PlannedTensor::context).toList()))
                .isPresent();
    }

    /** Gives every tensor of a group its place, and adds them in the order of places. */
    private static void place(
            List<CostedTensor> group, List<PlannedShard> files, int firstShard, long room, List<PlannedTensor> placed) {
        Map<String, CostedTensor> byName = new HashMap<>();
        group.forEach(costed -> byName.put(costed.tensor().name(), costed));
        for (int file = 0; file < files.size(); file++) {
            int shard = firstShard + file;
            files.get(file).layout().offsets().forEach((name, offset) -> {
                CostedTensor costed = byName.get(name);
                TensorResolver.Resolved tensor = costed.tensor();
                placed.add(new PlannedTensor(
                        placed.size(),
                        name,
                        tensor.dtype(),
                        tensor.shape(),
                        tensor.base(),
                        tensor.models(),
                        tensor.mask(),
                        tensor.rows(),
                        tensor.method(),
                        tensor.context(),
                        shard,
                        offset,
                        costed.reads() + (tensor.rows().filter(RowGather::needsMeans).isPresent() ? 1 : 0),
                        costed.baseReads(),
                        costed.draws(),
                        ResourcePlanner.candidates(costed, room),
                        ResourcePlanner.tensorBytes(costed, room)));
            });
        }
    }
}
