// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * Sizes of the sample that brackets the k-th largest magnitude before it is searched exactly. They decide how much work the
 * search has, never its result.
 */
public final class MagnitudeSampling {
    /** Up to this many elements all keys are candidates: sampling would not pay. */
    public static final long SMALL = 1 << 16;

    private static final int MIN_SAMPLE = 1 << 12;
    private static final int MAX_SAMPLE = 1 << 20;

    /** Half width of the bracket in standard deviations of the sampled rank: a miss is a matter of 1e-9. */
    private static final double SIGMAS = 6;

    /** Elements of a run, where single elements cannot be computed cheaply. */
    public static final int RUN = 64;

    /** Factor on the margin of a sample that consists of runs, since neighbours are alike. */
    public static final int CLUSTERED = 4;

    /** The same for a whole model, which has more elements and where a miss costs no more passes. */
    private static final int MAX_MODEL_SAMPLE = 1 << 21;

    private static final double MODEL_SIGMAS = 4.5;

    private MagnitudeSampling() {}

    /**
     * How many of n elements to sample. A sample costs a cache miss for each model, a candidate a store and its memory, and
     * candidates become fewer with the root of the sample's size: at n / 2048 the sample costs a small share of the scan, and
     * even the largest embeddings keep the candidates to a percent of their elements.
     */
    public static int size(long elements) {
        return (int) Math.max(MIN_SAMPLE, Math.min(MAX_SAMPLE, elements / 2048));
    }

    /** Half width of the bracket in ranks of the sample, for a k-th largest at this share of the elements. */
    public static long margin(int sample, double share) {
        return (long) Math.ceil(SIGMAS * Math.sqrt(sample * share * (1 - share))) + 8;
    }

    /**
     * Room for candidates: half more than is expected at most.
     *
     * @param clustered whether the sample consists of runs
     */
    public static long capacity(long elements, boolean clustered) {
        if (elements <= SMALL) {
            return elements;
        }
        int sample = size(elements);
        double inside = 2.0 * margin(sample, 0.5) * (clustered ? CLUSTERED : 1) / sample;
        return Math.min(elements, (long) (1.5 * inside * elements) + SMALL);
    }

    /** How many of a model's elements to sample. */
    public static int modelSize(long elements) {
        return (int) Math.max(MIN_SAMPLE, Math.min(MAX_MODEL_SAMPLE, elements / 1024));
    }

    /** The {@linkplain #margin margin} of a model's sample. */
    public static long modelMargin(int sample, double share, boolean clustered) {
        long margin = (long) Math.ceil(MODEL_SIGMAS * Math.sqrt(sample * share * (1 - share))) + 8;
        return clustered ? CLUSTERED * margin : margin;
    }

    /** Room for a model's candidates, whichever element is wanted. */
    public static long modelCapacity(long elements, boolean clustered) {
        return modelCapacity(elements, 0.5, clustered);
    }

    /**
     * Room for a model's candidates: a quarter more than is expected for a k-th largest at this share of the elements. The sample
     * is so large that a bracket holds about as many as it should.
     */
    public static long modelCapacity(long elements, double share, boolean clustered) {
        if (elements <= SMALL) {
            return elements;
        }
        int sample = modelSize(elements);
        double inside = 2.0 * modelMargin(sample, share, clustered) / sample;
        return Math.min(elements, (long) (1.25 * inside * elements) + SMALL);
    }

    /** Native memory, in bytes, that sampling one delta takes for a moment. */
    public static long bytes(long elements) {
        return elements <= SMALL ? 0 : (long) size(elements) * (Long.BYTES + Integer.BYTES);
    }
}
