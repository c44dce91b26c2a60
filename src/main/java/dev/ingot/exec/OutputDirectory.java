// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.ffi.Posix;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedShard;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The output directory of a run. Until {@link #commit} it holds temporary files and the journal only; afterwards a complete
 * checkpoint. What an interrupted run left of the same tensors is taken up.
 */
final class OutputDirectory implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OutputDirectory.class.getName());

    private final Path directory;
    private final List<Path> created;
    private final Optional<Posix> posix;
    private final OutputLock lock;
    private final Journal journal;
    private final ChunkBuffers buffers;
    private final ShardWriter writer = new ShardWriter();
    private final List<OutputShard> shards = new ArrayList<>();
    private boolean closed;

    private OutputDirectory(Plan plan, List<Path> created, Optional<Posix> posix, OutputLock lock, Journal journal) {
        this.directory = plan.output();
        this.created = created;
        this.posix = posix;
        this.lock = lock;
        this.journal = journal;
        this.buffers = new ChunkBuffers(plan.resources().chunkBytes(), plan.resources().chunks());
    }

    static OutputDirectory open(Plan plan, Optional<Posix> posix) {
        Path directory = plan.output();
        List<Path> created = missing(directory);
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw OutputFaults.failed(directory, e);
        }
        OutputLock lock = OutputLock.acquire(directory);
        try {
            Journal journal = Journal.open(directory, plan.hash(), plan.keys());
            OutputDirectory opened = new OutputDirectory(plan, created, posix, lock, journal);
            opened.createShards(plan);
            return opened;
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private void createShards(Plan plan) {
        try {
            Set<String> kept = plan.tensors().stream()
                    .filter(tensor -> journal.recorded(tensor.index()).isPresent())
                    .map(tensor -> plan.shards().get(tensor.shard()).fileName() + OutputShard.SUFFIX)
                    .collect(Collectors.toSet());
            delete(name -> isTemporary(name) && !kept.contains(name));
            for (PlannedShard shard : plan.shards()) {
                shards.add(OutputShard.create(directory, shard, posix, buffers, writer));
            }
        } catch (RuntimeException e) {
            if (journal.isEmpty()) {
                discard();
            } else {
                close();
            }
            throw e;
        }
    }

    /** The directory and those around it that do not exist yet, the innermost first. */
    private static List<Path> missing(Path directory) {
        List<Path> missing = new ArrayList<>();
        Path path = directory.toAbsolutePath().normalize();
        while (path != null && !Files.exists(path)) {
            missing.add(path);
            path = path.getParent();
        }
        return missing;
    }

    Journal journal() {
        return journal;
    }

    OutputShard shard(int index) {
        return shards.get(index);
    }

    /** Waits until all that was computed has been written, or could not be. */
    void finishWriting() {
        writer.close();
    }

    /**
     * Waits until all that was computed has been written.
     *
     * @throws RuntimeException if some could not be
     */
    void drain() {
        finishWriting();
        writer.check();
    }

    /**
     * Gives every file its name: weights, which are durable by now, other files, the index last.
     *
     * @param files makes the other files, by name
     */
    void commit(Plan plan, Supplier<SequencedMap<String, byte[]>> files) {
        SequencedMap<String, byte[]> others = files.get();
        deleteReplaced(plan);
        shards.forEach(OutputShard::commit);
        others.forEach((name, content) -> DurableFiles.write(directory.resolve(name), content));
        DurableFiles.syncDirectory(directory, posix);
        if (!plan.indexes().isEmpty()) {
            plan.indexes().forEach((name, index) -> DurableFiles.write(directory.resolve(name), index.toJson()));
            DurableFiles.syncDirectory(directory, posix);
        }
        journal.delete();
        for (Path path : created) {
            DurableFiles.syncDirectory(path.getParent(), posix);
        }
    }

    /** Removes the model that the new one replaces, its index first so that it is never found half. */
    private void deleteReplaced(Plan plan) {
        Set<String> kept = plan.shards().stream().map(PlannedShard::fileName).collect(Collectors.toSet());
        delete(name -> plan.product().isIndex(name));
        delete(name -> plan.product().isWeights(name) && !kept.contains(name));
    }

    private void deleteTemporaries() {
        delete(OutputDirectory::isTemporary);
    }

    private static boolean isTemporary(String name) {
        return name.endsWith(".safetensors" + OutputShard.SUFFIX);
    }

    private void delete(Predicate<String> which) {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path path : entries.toList()) {
                if (which.test(path.getFileName().toString())) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw OutputFaults.failed(directory, e);
        }
    }

    /** Removes everything that this run made. */
    void discard() {
        closeFiles();
        deleteTemporaries();
        journal.delete();
        lock.close();
        try {
            for (Path path : created) {
                Files.deleteIfExists(path);
            }
        } catch (DirectoryNotEmptyException e) {
            LOG.log(System.Logger.Level.DEBUG, "{0} is in use by others and stays", e.getFile());
        } catch (IOException e) {
            throw OutputFaults.failed(directory, e);
        }
    }

    /** Closes all files and leaves them as they are. */
    @Override
    public void close() {
        try {
            closeFiles();
        } finally {
            journal.close();
            lock.close();
        }
    }

    private void closeFiles() {
        if (closed) {
            return;
        }
        closed = true;
        writer.close();
        try {
            shards.forEach(OutputShard::close);
        } finally {
            buffers.close();
        }
    }
}
