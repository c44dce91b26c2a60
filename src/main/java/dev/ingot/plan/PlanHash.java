// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.error.CheckpointException;
import dev.ingot.method.Part;
import dev.ingot.tokenizer.EmbeddingPlan;
import dev.ingot.tokenizer.RowMap;
import dev.ingot.tokenizer.SharedRows;
import dev.ingot.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Identifies what a plan will write: SHA-256 over the output's layout, every tensor's inputs, method and parameters, and size
 * and time of every input file; and the linear algebra library, if some tensor takes one, because decompositions differ in
 * their last bits from one processor's kernels to another's. Threads, memory and tiles are not part of it, because the bytes do
 * not depend on them.
 */
final class PlanHash {
    /** Raised whenever the same plan would give other bytes. */
    private static final String FORMAT = "ingot-plan 3";

    private final MessageDigest digest;

    private PlanHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** @param algebra {@linkplain dev.ingot.linalg.LinearAlgebra#identity identity} of the library, if one computes a tensor */
    static String of(
            Collection<Checkpoint> inputs,
            List<PlannedShard> shards,
            List<PlannedTensor> tensors,
            Tokenization tokenization,
            Optional<String> algebra) {
        PlanHash hash = new PlanHash();
        hash.add(FORMAT);
        inputs.forEach(input -> input.files().forEach(header -> hash.add(identity(header.file()))));
        for (PlannedShard shard : shards) {
            hash.add(shard.fileName());
            hash.digest.update(shard.layout().header());
        }
        tensors.forEach(hash::add);
        hash.add(tokenization);
        hash.addAlgebra(algebra);
        return hash.hex();
    }

    /**
     * Identifies the bytes of each tensor and their place. A tensor that goes by itself depends on the files that it is read
     * from, and on no others.
     *
     * @param plan the plan's hash, which stands for all that other tensors could depend on
     * @param surveyed whether the method goes by facts of the model as a whole
     * @return one key per tensor, no two alike
     */
    static List<String> keys(
            String plan,
            List<PlannedShard> shards,
            List<PlannedTensor> tensors,
            Optional<String> algebra,
            boolean surveyed) {
        Map<Path, String> identities = new HashMap<>();
        List<String> layouts = shards.stream().map(PlanHash::layout).toList();
        List<String> keys = new ArrayList<>();
        for (PlannedTensor tensor : tensors) {
            PlanHash hash = new PlanHash();
            hash.add(FORMAT);
            hash.add(layouts.get(tensor.shard()));
            hash.add(tensor);
            if (surveyed && tensor.method().isPresent()) {
                hash.add(plan);
            } else {
                tensor.files().forEach(file -> hash.add(identities.computeIfAbsent(file, PlanHash::identity)));
                hash.addAlgebra(algebra);
            }
            keys.add(hash.hex());
        }
        return keys;
    }

    private static String layout(PlannedShard shard) {
        PlanHash hash = new PlanHash();
        hash.add(shard.fileName());
        hash.digest.update(shard.layout().header());
        return hash.hex();
    }

    private void addAlgebra(Optional<String> algebra) {
        algebra.ifPresent(library -> add("linear algebra " + library));
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String identity(Path file) {
        try {
            return file.toRealPath() + " " + Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw new CheckpointException(
                    file + ": cannot be read (" + e.getMessage() + ")", "check that nothing else changes the file", e);
        }
    }

    private void add(PlannedTensor tensor) {
        add(tensor.name() + " " + tensor.shard() + " " + tensor.offset() + " " + tensor.dtype() + " " + tensor.shape());
        add(tensor.method().map(method -> method.spec().name()).orElse("copy"));
        tensor.base().ifPresent(this::add);
        tensor.models().forEach(this::add);
        tensor.mask().ifPresent(this::add);
        tensor.rows().ifPresent(this::add);
        if (!(tensor.context().part() instanceof Part.Model)) {
            add(tensor.context().part().toString());
        }
        add(tensor.context().random() + " " + tensor.context().globals() + " " + tensor.context().depth());
        tensor.context().models().forEach(model -> add(model.toString()));
    }

    private void add(RowGather rows) {
        rows.sources().forEach(this::add);
        EmbeddingPlan plan = rows.plan();
        add("rows " + plan.rows());
        ByteBuffer numbers = ByteBuffer.allocate(plan.tokenRows() * Integer.BYTES);
        for (RowMap map : plan.maps()) {
            numbers.clear();
            for (int row = 0; row < plan.tokenRows(); row++) {
                numbers.putInt(map.source(row));
            }
            digest.update(numbers.flip());
        }
        SharedRows shared = plan.shared();
        for (int entry = 0; entry < shared.count(); entry++) {
            for (int part = 0; part < shared.parts(entry); part++) {
                add(shared.outputRow(entry) + " " + shared.model(entry, part) + " " + shared.row(entry, part));
            }
        }
    }

    private void add(Tokenization tokenization) {
        tokenization.merge().ifPresent(merge -> {
            Vocabulary vocabulary = merge.vocabulary();
            add("tokens " + merge.vocabSize());
            for (int id = 0; id < vocabulary.rows(); id++) {
                add(String.valueOf(vocabulary.token(id)));
            }
        });
        tokenization.chatTemplate().ifPresent(template -> add("template " + template));
    }

    private void add(TensorRef ref) {
        add(ref.file() + " " + ref.offset() + " " + ref.dtype());
    }

    private void add(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }
}
