// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.error.CheckpointException;
import java.util.stream.IntStream;

/**
 * How well a byte-level language model foresees a text. The text is cut into consecutive pieces of 255 bytes, the rest
 * dropped; token 256, "begin", goes before each, and byte value b is token b.
 */
public final class BitsPerByte {
    /** Bytes that are foreseen one after the other before the model begins anew. */
    static final int PIECE = 255;

    private static final int BEGIN = 256;
    private static final double LN_2 = 0.69314718055994530942;

    private BitsPerByte() {}

    /**
     * The sum of -log2 p over all bytes, divided by their number; lower is better, NaN for a text without a piece. Runs on the common fork-join pool;
     * the result does not depend on the number of threads.
     *
     * @throws CheckpointException if the model has no token 256
     */
    public static double of(LlamaModel model, byte[] text) {
        if (model.vocabulary() <= BEGIN) {
            throw new CheckpointException(
                    "the model has " + model.vocabulary() + " tokens, but a byte-level one has 256 and token 256 besides",
                    "Evaluate a byte-level model.");
        }
        int pieces = text.length / PIECE;
        double[] bits = IntStream.range(0, pieces).parallel()
                .mapToDouble(piece -> bits(model, text, piece * PIECE))
                .toArray();
        double sum = 0;
        for (double value : bits) {
            sum += value;
        }
        return sum / ((double) pieces * PIECE);
    }

    private static double bits(LlamaModel model, byte[] text, int from) {
        int[] tokens = new int[PIECE];
        tokens[0] = BEGIN;
        for (int i = 1; i < PIECE; i++) {
            tokens[i] = Byte.toUnsignedInt(text[from + i - 1]);
        }
        float[][] logits = model.logits(tokens);
        double sum = 0;
        for (int i = 0; i < PIECE; i++) {
            sum += nats(logits[i], Byte.toUnsignedInt(text[from + i]));
        }
        return sum / LN_2;
    }

    /** -ln of the probability of a token. */
    private static double nats(float[] scores, int token) {
        float largest = scores[0];
        for (float score : scores) {
            largest = Math.max(largest, score);
        }
        double sum = 0;
        for (float score : scores) {
            sum += FastExp.exp(score - largest);
        }
        return StrictMath.log(sum) + largest - scores[token];
    }
}
