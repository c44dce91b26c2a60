// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Keys of random masks: the first eight bytes, little-endian, of SHA-256 over the seed (8 bytes, little-endian), the model's
 * position (4 bytes, little-endian) and the tensor's name in UTF-8. So a mask depends on nothing else.
 */
final class MaskKey {
    private MaskKey() {}

    static long of(long seed, String tensor, int position) {
        byte[] name = tensor.getBytes(StandardCharsets.UTF_8);
        ByteBuffer text = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + name.length).order(ByteOrder.LITTLE_ENDIAN);
        text.putLong(seed).putInt(position).put(name);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.array());
            return ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
