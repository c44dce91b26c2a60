// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A classification task: labelled test images and the linear head that turns features into class scores. Immutable,
 * safe for all threads.
 */
public final class VisionTask {
    private static final float BYTE_SCALE = 255f;
    private static final String CALIBRATION_IMAGES = "calib_labeled_images";

    private final String name;
    private final int pixels;
    private final byte[] images;
    private final int[] labels;
    private final LinearLayer head;

    private VisionTask(String name, int pixels, byte[] images, int[] labels, LinearLayer head) {
        this.name = name;
        this.pixels = pixels;
        this.images = images;
        this.labels = labels;
        this.head = head;
    }

    /**
     * Reads {@code data/NAME.safetensors} (images U8 [n, pixels], labels I64 [n]) and {@code heads/NAME.safetensors}
     * (weight [classes, width], bias [classes]).
     *
     * @param folder the folder that holds {@code data} and {@code heads}
     * @throws CheckpointException if a file cannot be read or its tensors do not fit together
     */
    public static VisionTask load(Path folder, String name) {
        return load(folder, name, "images", "labels");
    }

    /**
     * The same task with the images that settings are chosen on, {@code calib_labeled_images} and {@code calib_labels},
     * as its test images; empty if the data file has none.
     *
     * @param folder the folder that holds {@code data} and {@code heads}
     * @throws CheckpointException if a file cannot be read or its tensors do not fit together
     */
    public static Optional<VisionTask> loadCalibration(Path folder, String name) {
        try (TensorSource source = TensorSource.open(dataFile(folder, name))) {
            if (!source.contains(CALIBRATION_IMAGES)) {
                return Optional.empty();
            }
        }
        return Optional.of(load(folder, name, CALIBRATION_IMAGES, "calib_labels"));
    }

    private static VisionTask load(Path folder, String name, String imagesName, String labelsName) {
        Path headFile = folder.resolve("heads").resolve(name + ".safetensors");
        LinearLayer head;
        try (TensorSource source = TensorSource.open(headFile)) {
            int[] shape = source.matrixShape("weight");
            head = LinearLayer.read(source, "", shape[0], shape[1]);
        }
        Path dataFile = dataFile(folder, name);
        try (TensorSource source = TensorSource.open(dataFile)) {
            int[] shape = source.matrixShape(imagesName);
            byte[] images = source.bytes(imagesName, shape[0], shape[1]);
            int[] labels = checkLabels(dataFile, labelsName, source.longs(labelsName, shape[0]), head.outputs());
            return new VisionTask(name, shape[1], images, labels, head);
        }
    }

    private static Path dataFile(Path folder, String name) {
        return folder.resolve("data").resolve(name + ".safetensors");
    }

    private static int[] checkLabels(Path file, String tensor, long[] labels, int classes) {
        int[] checked = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new CheckpointException(
                        Printable.path(file) + ": tensor " + Printable.quote(tensor) + ": " + labels[i] + " at " + i + " is not within the "
                                + classes + " classes of the head",
                        "Data and head do not belong together: restore both from one source.");
            }
            checked[i] = (int) labels[i];
        }
        return checked;
    }

    /** The task's name. */
    public String name() {
        return name;
    }

    /** Number of test images. */
    public int size() {
        return labels.length;
    }

    /** Number of classes. */
    public int classes() {
        return head.outputs();
    }

    /** Number of pixels of an image. */
    public int pixels() {
        return pixels;
    }

    /** Length of the feature vectors that the head takes. */
    public int width() {
        return head.inputs();
    }

    /** The right class of an image. */
    public int label(int image) {
        return labels[image];
    }

    /**
     * Images as vectors of pixels between 0 and 1.
     *
     * @param from first image
     * @param to   end, exclusive
     */
    public float[][] images(int from, int to) {
        float[][] batch = new float[to - from][pixels];
        for (int i = from; i < to; i++) {
            for (int p = 0; p < pixels; p++) {
                batch[i - from][p] = Byte.toUnsignedInt(images[i * pixels + p]) / BYTE_SCALE;
            }
        }
        return batch;
    }

    /**
     * The score of every class for a batch of feature vectors.
     *
     * @param features vectors of length {@link #width()}
     * @return as many vectors of length {@link #classes()}
     */
    public float[][] logits(float[][] features) {
        return head.apply(features);
    }
}
