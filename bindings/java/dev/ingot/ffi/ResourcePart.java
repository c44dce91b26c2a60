// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;

/** Describes resources of the class path for {@link LibraryCache#storeAll}. */
final class ResourcePart {
    private ResourcePart() {
    }

    /**
     * Takes size and CRC-32 from the table of contents where the resource lies in a jar, and reads it otherwise.
     *
     * @param file     name that the copy gets
     * @param resource where the content is
     */
    static LibraryCache.Part of(String file, URL resource) throws IOException {
        if (connect(resource) instanceof JarURLConnection connection) {
            try (JarFile jar = connection.getJarFile()) {
                JarEntry entry = jar.getJarEntry(connection.getEntryName());
                return new LibraryCache.Part(file, entry.getSize(), entry.getCrc(), () -> open(resource));
            }
        }
        CRC32 crc = new CRC32();
        long size = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = open(resource)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                crc.update(buffer, 0, read);
                size += read;
            }
        }
        return new LibraryCache.Part(file, size, crc.getValue(), () -> open(resource));
    }

    private static InputStream open(URL resource) throws IOException {
        return connect(resource).getInputStream();
    }

    /** Without the cache that would keep the jar open, or share it with others who close it. */
    private static URLConnection connect(URL resource) throws IOException {
        URLConnection connection = resource.openConnection();
        connection.setUseCaches(false);
        return connection;
    }
}
