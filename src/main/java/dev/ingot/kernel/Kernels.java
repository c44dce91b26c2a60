// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * One lane of a backend: the kernels with the scratch memory they need. Used by one thread at a time; lanes of one
 * backend are independent.
 *
 * <p>Numbers: float32 arithmetic whatever the storage type, no contraction, round to nearest even, subnormals kept. A NaN
 * result is stored as the canonical NaN of the output type. Reductions are float64 of a fixed shape (docs/numerics.md), so
 * that every backend, tile size and thread count gives the same bits.
 *
 * <p>Every method throws {@link InputFaultException} when a mapped input can no longer be read.
 */
public interface Kernels extends AutoCloseable {
    /** Elements per partial sum; tiles handed to reductions start at multiples of it. */
    int CHUNK = 16384;

    /** Bins of the largest histogram of keys. */
    int KEY_BINS = 1 << 16;

    /** The kernels for memory that the host works on at once: these, or those of the host beside a device. */
    default Kernels host() {
        return this;
    }

    /** The lane's GPU, for algorithms above kernels; empty where there is none, and where it has failed. */
    default Optional<GpuLane> gpu() {
        return Optional.empty();
    }

    /** Rounds {@code count} elements to the output's type; equal types are copied byte by byte. */
    void convert(Operand input, Operand output, long count);

    /** Computes a weighted sum of the tile's models. */
    void weightedSum(WeightedSum op, Tile tile, Operand output);

    /** Adds merged deltas to the tile's base. */
    void deltaMerge(DeltaMerge op, Tile tile, Operand output);

    /**
     * Sums of |d| and of |kept(d)| for each model and chunk.
     *
     * @param masks one per model
     * @param sums  float64 [chunks][models][2], overwritten
     */
    void deltaSums(List<Mask> masks, Tile tile, MemorySegment sums);

    /**
     * Dot products of all pairs of models: of the deltas where the tile has a base, of the values otherwise.
     *
     * @param sums float64 [chunks][k(k+1)/2] in the order (0,0) (1,0) (1,1) (2,0) ..., overwritten
     */
    void gram(Tile tile, MemorySegment sums);

    /**
     * Counts each delta's keys against its bracket and collects those inside.
     *
     * @param brackets   one per model
     * @param candidates one per model: int32 buffer that receives the keys inside the bracket in order, as many as fit;
     *                   what they leave of it is undefined
     */
    List<ScanCounts> selectScan(List<Bracket> brackets, Tile tile, List<MemorySegment> candidates);

    /**
     * Keys of single elements.
     *
     * @param positions int64 [n], relative to the operands
     * @param keys      int32 [n], overwritten
     */
    void selectSample(Operand base, Operand model, MemorySegment positions, MemorySegment keys);

    /**
     * Adds to a histogram of keys.
     *
     * @param prefix negative: 65536 bins of key &gt;&gt; 15; otherwise 32768 bins of key &amp; 0x7fff of the keys with
     *               key &gt;&gt; 15 = prefix
     * @param bins   int64 bins, added to
     */
    void selectHistogram(Operand base, Operand model, long count, int prefix, MemorySegment bins);

    /** Position, relative to the operands, of the nth (from 1) element with this key, or -1 if there are fewer. */
    long selectNthEqual(Operand base, Operand model, long count, int key, long nth);

    /** The key of the given rank (from 1) among int32 keys. */
    KthLargest kthLargest(MemorySegment keys, long count, long rank);

    /** How many of the int32 keys equal key. */
    long countEqual(MemorySegment keys, long count, int key);

    /**
     * Computes a formula on a tile, which starts with a segment if the formula has results.
     *
     * @param to where outputs and results go; all of them are overwritten, in the last byte of bits only the tile's
     */
    void formula(Formula formula, Tile tile, FormulaResults to);

    /**
     * Makes a random mask by rank, and the sums of |d| and |kept(d)| for each {@linkplain Formula#segments segment}.
     *
     * @param tile whole rows of the base and a model; a second model are numbers in [0, 1), in float32, to decide by
     * @param bits one bit per element of the tile, overwritten; in the last byte only the tile's
     * @param sums float64 [segments][2], overwritten
     */
    void rankedMask(RankedMask op, Tile tile, MemorySegment bits, MemorySegment sums);

    /**
     * Makes a mask of the elements in a band of ranks.
     *
     * @param tile whole rows of the base and a model
     * @param bits one bit per element of the tile, overwritten; in the last byte only the tile's
     */
    void bandMask(BandMask op, Tile tile, MemorySegment bits);

    /**
     * Ranks within rows: how many elements of the row are smaller, or equal and come before; NaN is larger than all.
     *
     * @param values    float32, whole rows
     * @param rowLength elements of a row, at least 1; the last row may be shorter
     * @param ranks     float32, overwritten
     */
    void rowRanks(Operand values, long rowLength, long count, Operand ranks);

    @Override
    void close();
}
