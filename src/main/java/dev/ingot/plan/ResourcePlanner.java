// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.error.ResourceException;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.LaneNeeds;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.kernel.Table;
import dev.ingot.linalg.WorkSpace;
import dev.ingot.matrix.MatrixNeeds;
import dev.ingot.method.Needs;
import dev.ingot.method.Step;
import java.util.List;

/** Fits tiles and buffers into the memory that the user grants. */
final class ResourcePlanner {
    /** What the Java virtual machine itself takes: heap, code, metadata, thread stacks. */
    static final long JVM = MemorySize.JAVA;

    /** Large writes, at which disks are fastest. */
    private static final int CHUNK = 4 << 20;

    /** Holds the smallest tile of the widest type. */
    private static final int LEAST_CHUNK = Kernels.CHUNK * Double.BYTES;

    /** Chunks on their way to the disk; besides, each worker fills one, and may have a tensor with one open at either end. */
    private static final int CHUNKS_UNDER_WAY = 6;

    /**
     * Java heap for each byte of tokenizer files while tokenizers are joined: what is in use, and what the heap has grown to
     * when it is collected. Measured with 23 MB: a heap of 128 MiB suffices, and 350 MiB are taken if they may be.
     */
    private static final long HEAP_IN_USE = 5;

    private static final long HEAP_GROWN = 15;
    private static final long LARGEST_HEAP = 1L << 30;

    private static final long HISTOGRAM = Kernels.KEY_BINS * (long) Long.BYTES;

    private ResourcePlanner() {}

    /**
     * A division of memory.
     *
     * @param shortage bytes that it lacks for the largest tensor; 0 if it can be used
     */
    private record Division(Resources resources, long shortage) {}

    /**
     * Divides the memory. If whole matrices do not fit, threads are fewer, or memory is more if it may grow.
     *
     * @param groups     checkpoints that are written side by side
     * @param mostMemory what may be taken instead if the largest matrix needs more
     * @param needs      what the backend's lanes want
     * @param tokenizers size of all tokenizer files that are joined
     */
    static Resources plan(
            List<CostedTensor> tensors,
            int groups,
            int threads,
            long memory,
            long mostMemory,
            LaneNeeds needs,
            long tokenizers) {
        MatrixNeeds matrices =
                tensors.stream().map(tensor -> tensor.needs().matrices()).reduce(MatrixNeeds.NONE, MatrixNeeds::or);
        // Room for a second matrix, where memory may grow, so that threads do not wait for the last task of the first.
        long spare = mostMemory > memory ? matrices.kept() : 0;
        Division division = grown(tensors, groups, threads, memory, mostMemory, spare, matrices, needs, tokenizers);
        for (int workers = threads; division.shortage() > 0 && workers > 0 && matrices.any(); workers--) {
            division = grown(tensors, groups, workers, memory, mostMemory, 0, matrices, needs, tokenizers);
        }
        if (division.shortage() > 0) {
            long granted = division.resources().memory();
            throw new ResourceException(
                    "the merge needs " + mebibytes(granted + division.shortage()) + " MiB of memory, and "
                            + mebibytes(granted) + (granted > memory ? " MiB can be spared" : " MiB are allowed"),
                    matrices.any() ? "give it more memory (--memory), or leave the largest matrices out by a filter"
                            : "raise --memory, or use fewer --threads");
        }
        return division.resources();
    }

    /**
     * The smallest division that suffices, or that of all memory.
     *
     * @param spare bytes that are to be free beside the largest tensor
     */
    private static Division grown(
            List<CostedTensor> tensors,
            int groups,
            int threads,
            long memory,
            long mostMemory,
            long spare,
            MatrixNeeds matrices,
            LaneNeeds needs,
            long tokenizers) {
        long granted = memory;
        Division division = divide(tensors, groups, threads, granted, spare, matrices, needs, tokenizers);
        while (division.shortage() > 0 && granted < mostMemory && matrices.any()) {
            granted = Math.min(mostMemory, granted + division.shortage());
            division = divide(tensors, groups, threads, granted, spare, matrices, needs, tokenizers);
        }
        return division;
    }

    private static Division divide(
            List<CostedTensor> tensors,
            int groups,
            int threads,
            long memory,
            long spare,
            MatrixNeeds matrices,
            LaneNeeds needs,
            long tokenizers) {
        long java = JVM + HEAP_IN_USE * tokenizers;
        long algebra = matrices.any() ? matrices.work() + WorkSpace.PER_THREAD : 0;
        long matrixLane = matrices.temporary() + algebra;
        // Memory of lanes is granted from what buffers of the host need not have.
        long laneMemory = Math.min(needs.memory(), Math.min(needs.mostMemory(), Math.max(0, memory - java) / 3) / threads);
        long available = memory - java - threads * (laneMemory + matrixLane);
        // Each further checkpoint has a chunk open between its tensors.
        int chunks = 3 * threads + CHUNKS_UNDER_WAY + groups - 1;
        int chunk = CHUNK;
        while (chunk > LEAST_CHUNK && (long) chunks * chunk > available / 4) {
            chunk /= 2;
        }
        long tile = Math.min(needs.tileElements(), chunk / Double.BYTES);
        while (tile > Kernels.CHUNK && threads * laneBytes(tensors, tile) > available / 2) {
            tile /= 2;
        }
        int histograms = histograms(tensors, available / 16 / threads);
        long lanes = threads * (laneBytes(tensors, tile) + histograms * HISTOGRAM) + (long) chunks * chunk;
        long room = available - lanes;
        long least = tensors.stream().mapToLong(tensor -> tensorBytes(tensor, 0)).max().orElse(0);
        long most = tensors.stream().mapToLong(tensor -> tensorBytes(tensor, Math.max(0, room))).max().orElse(0);
        long heapGrowth = Math.min(LARGEST_HEAP, HEAP_GROWN * tokenizers) - HEAP_IN_USE * tokenizers;
        long selection = selectionBytes(tensors, room);
        long selecting = selection + (selection > 0 ? matrices.kept() : 0);
        long peak = memory - room + heapGrowth + Math.min(room, Math.max(2 * most, selecting));
        Resources resources = new Resources(
                threads, memory, laneMemory, matrices.work(), histograms, tile, chunk, chunks, room, selection, peak);
        return new Division(resources, Math.max(0, least + spare - room));
    }

    /**
     * Histograms of keys that each worker gets, which selections count where their candidates find no room: one per pick that is
     * searched at a time, as far as they fit, and at least one.
     *
     * @param room bytes that a worker's may take
     */
    private static int histograms(List<CostedTensor> tensors, long room) {
        long wanted = 0;
        for (CostedTensor tensor : tensors) {
            wanted = Math.max(wanted, Math.max(Math.min(1, tensor.picks()), tensor.needs().modelPicks()));
        }
        return Math.toIntExact(Math.min(wanted, Math.max(1, room / HISTOGRAM)));
    }

    /** What selections over the whole model take, if there is room beside a matrix that they go by: candidates for each pick. */
    private static long selectionBytes(List<CostedTensor> tensors, long room) {
        long elements = 0;
        long picks = 0;
        long kept = 0;
        boolean computed = false;
        for (CostedTensor tensor : tensors) {
            Needs needs = tensor.needs();
            if (needs.modelPicks() > 0 && tensor.tensor().context().part().isSurveyed()) {
                elements += tensor.elements();
                picks = Math.max(picks, needs.modelPicks());
                kept = Math.max(kept, needs.matrices().kept());
                computed |= needs.laneFloats() > 0;
            }
        }
        long sample = MagnitudeSampling.modelSize(elements);
        long wanted = picks * (MagnitudeSampling.modelCapacity(elements, computed) + sample) * Integer.BYTES;
        return Math.min(wanted, Math.max(0, Math.min(room * 3 / 4, room - kept)));
    }

    /**
     * Candidates that a selection may keep per pick: as many as it will want, or what fits. Too few cost further passes, not
     * the result.
     *
     * @param room native memory for tensors in progress
     */
    static long candidates(CostedTensor tensor, long room) {
        long picks = tensor.picks();
        if (picks == 0) {
            return 0;
        }
        long elements = tensor.elements();
        long fits = (room - fixedBytes(tensor)) / (picks * Integer.BYTES);
        long wanted = MagnitudeSampling.capacity(elements, tensor.needs().scorePicks() > 0);
        return Math.min(wanted, Math.max(Math.min(MagnitudeSampling.SMALL, elements), fits));
    }

    /** Native memory that computing a tensor takes beyond the workers' own. */
    static long tensorBytes(CostedTensor tensor, long room) {
        return fixedBytes(tensor) + tensor.picks() * candidates(tensor, room) * Integer.BYTES;
    }

    /** Partial sums of reductions, the sample of a selection, masks, snapshots of a random generator. */
    private static long fixedBytes(CostedTensor tensor) {
        Needs needs = tensor.needs();
        long elements = tensor.elements();
        long partial = Formula.segments(0, elements, needs.rowLength()) * Double.BYTES * needs.sums();
        if (needs.columnSums() > 0) {
            long columns = needs.rowLength() / Step.ColumnGram.GROUP;
            partial += Math.ceilDiv(elements, needs.rowLength()) * columns * Double.BYTES * needs.columnSums();
        }
        long sample = tensor.picks() > 0 ? MagnitudeSampling.bytes(elements) : 0;
        return partial
                + sample
                + needs.matrices().kept()
                + needs.masks() * Table.bitBytes(elements)
                + DrawOrder.memory(tensor.draws())
                + gatherBytes(tensor);
    }

    /** Sums of padding rows; single elements that a sample takes from rows that do not lie where they belong. */
    private static long gatherBytes(CostedTensor tensor) {
        long sampled = tensor.picks() > 0 ? MagnitudeSampling.bytes(tensor.elements()) : 0;
        return tensor.tensor().rows().map(rows -> rows.meanBytes() + 2 * sampled).orElse(0L);
    }

    /** One worker's buffers: inputs that are not mapped, candidates of a selection, values in between. */
    private static long laneBytes(List<CostedTensor> tensors, long tile) {
        long most = 0;
        for (CostedTensor tensor : tensors) {
            Needs needs = tensor.needs();
            long bits = tensor.tensor().context().part().isBits() ? 1 : 0;
            bits += (Math.max(tensor.picks(), needs.modelPicks()) + needs.laneFloats()) * Integer.SIZE + needs.masks();
            bits += tensor.tensor().base().map(base -> base.dtype().bits()).orElse(0);
            bits += tensor.tensor().models().stream().mapToInt(model -> model.dtype().bits()).sum();
            long longest = needs.wholeRows() ? Math.max(tile, needs.rowLength()) : tile;
            long around = needs.rowsAround() ? 2 * needs.rowLength() : 0;
            long elements = Math.min(tensor.elements(), longest + around);
            long row = tensor.tensor().rows().map(RowGather::laneBytes).orElse(0L);
            most = Math.max(most, Math.ceilDiv(elements * bits, 8) + row);
        }
        return most;
    }

    private static long mebibytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20);
    }
}
