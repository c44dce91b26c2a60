// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes a family of synthetic Llama-shaped checkpoints for the end-to-end benchmarks: a base model with weights
 * N(0, 0.02), and experts that differ from it the way fine-tuned models do. See {@code bench/README.md}.
 *
 * <p>Every value is a pure function of (seed, model, tensor name, element index), so the bytes do not depend on the
 * number of threads, and one model can be written without the others. A weight file that is there with the
 * right size and the right header (which names shape, model and seed) is kept.
 *
 * <pre>java bench/e2e/Generate.java --out DIR [--shape NAME] [--models base,expert0,...] [--dtype bf16|f16|f32]
 *     [--seed N] [--params N] [--shard-size 5GB] [--threads N]</pre>
 */
public final class Generate {

    private static final int CHUNK = 8 << 20;
    private static final List<String> OPTIONS = List.of("--out", "--shape", "--models", "--dtype", "--seed", "--params",
            "--shard-size", "--threads");

    private final Path out;
    private final Shape shape;
    private final Type type;
    private final long seed;
    private final long shardBytes;
    private final int threads;

    private Generate(Map<String, String> options) {
        out = Path.of(required(options, "--out"));
        Shape full = Shape.named(options.getOrDefault("--shape", "llama-3.2-1b"));
        shape = options.containsKey("--params") ? full.nearest(quantity(options.get("--params"))) : full;
        type = Type.valueOf(options.getOrDefault("--dtype", "bf16").toUpperCase(Locale.ROOT));
        seed = Long.parseLong(options.getOrDefault("--seed", "1"));
        shardBytes = quantity(options.getOrDefault("--shard-size", "5GB"));
        threads = Integer.parseInt(options.getOrDefault("--threads",
                String.valueOf(Runtime.getRuntime().availableProcessors())));
    }

    public static void main(String[] args) throws Exception {
        try {
            var options = new TreeMap<String, String>();
            for (int i = 0; i < args.length; i += 2) {
                require(OPTIONS.contains(args[i]), "no option " + args[i] + "; there are " + String.join(" ", OPTIONS));
                require(i + 1 < args.length, args[i] + " needs a value");
                options.put(args[i], args[i + 1]);
            }
            var generate = new Generate(options);
            for (String model : options.getOrDefault("--models", "base,expert0,expert1,expert2").split(",")) {
                generate.model(model);
            }
        } catch (IllegalArgumentException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(2);
        }
    }

    /** Writes one model directory: weights (sharded above the shard size), index, config, tokenizer stubs. */
    private void model(String model) throws IOException {
        Path dir = Files.createDirectories(out.resolve(model));
        List<List<Shape.Tensor>> shards = shards();
        var names = new ArrayList<String>();
        for (int i = 0; i < shards.size(); i++) {
            names.add(shards.size() == 1 ? "model.safetensors"
                    : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size()));
        }
        requireNoOtherWeights(dir, names);
        var index = new LinkedHashMap<String, String>();
        long start = System.nanoTime();
        long written = 0;
        for (int i = 0; i < shards.size(); i++) {
            String file = names.get(i);
            written += weights(dir.resolve(file), model, shards.get(i));
            shards.get(i).forEach(t -> index.put(t.name(), file));
        }
        if (shards.size() > 1) {
            text(dir, "model.safetensors.index.json", "{\"metadata\": {\"total_size\": "
                    + shape.parameters() * type.bytes + "}, \"weight_map\": {\n"
                    + new TreeMap<>(index).entrySet().stream().map(e -> quote(e.getKey()) + ": " + quote(e.getValue()))
                            .collect(Collectors.joining(",\n")) + "\n}}\n");
        }
        text(dir, "config.json", shape.config(type.torch));
        text(dir, "generation_config.json", "{\"bos_token_id\": 1, \"eos_token_id\": 2}\n");
        text(dir, "tokenizer_config.json", "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", "
                + "\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"model_max_length\": 131072}\n");
        text(dir, "special_tokens_map.json", "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}\n");
        text(dir, "tokenizer.json", "{\"version\": \"1.0\", \"added_tokens\": [], \"model\": {\"type\": \"BPE\", "
                + "\"vocab\": {\"<unk>\": 0, \"<s>\": 1, \"</s>\": 2}, \"merges\": []}}\n");
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(Locale.ROOT, "%s: %s, %.4f G parameters, %d file(s), wrote %.2f GB in %.1f s%n", dir,
                shape.name(), shape.parameters() / 1e9, shards.size(), written / 1e9, seconds);
    }

    private static void requireNoOtherWeights(Path dir, List<String> names) throws IOException {
        try (var files = Files.newDirectoryStream(dir, "*.safetensors")) {
            for (Path file : files) {
                require(names.contains(file.getFileName().toString()),
                        file + " is not of this family: remove it first");
            }
        }
    }

    private List<List<Shape.Tensor>> shards() {
        var shards = new ArrayList<List<Shape.Tensor>>();
        long filled = Long.MAX_VALUE;
        for (Shape.Tensor tensor : shape.tensors()) {
            long bytes = tensor.elements() * type.bytes;
            if (filled > shardBytes - bytes) {
                shards.add(new ArrayList<>());
                filled = 0;
            }
            shards.getLast().add(tensor);
            filled += bytes;
        }
        // One element type in a file, so the reference writer's order (alignment, then name) is the order of names.
        shards.forEach(shard -> shard.sort(Comparator.comparing(Shape.Tensor::name)));
        return shards;
    }

    /** Writes one weight file under a temporary name; returns the bytes written, 0 where the file was there. */
    private long weights(Path file, String model, List<Shape.Tensor> tensors) throws IOException {
        byte[] header = header(model, tensors);
        long size = header.length + tensors.stream().mapToLong(Shape.Tensor::elements).sum() * type.bytes;
        if (isThere(file, header, size)) {
            return 0;
        }
        long free = Files.getFileStore(file.getParent()).getUsableSpace();
        require(free > size, file + " needs " + size / 1000000 + " MB, " + free / 1000000 + " MB are free");
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
             var pool = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory())) {
            channel.write(ByteBuffer.wrap(header));
            writeInOrder(channel, pool, model, tensors);
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        return size;
    }

    /** Fills chunks on all threads and writes them one after the other from this one. */
    private void writeInOrder(FileChannel channel, ExecutorService pool, String model, List<Shape.Tensor> tensors)
            throws IOException {
        var free = new ArrayDeque<ByteBuffer>();
        long largest = tensors.stream().mapToLong(Shape.Tensor::elements).max().orElse(0);
        for (int i = 0; i < 2 * threads + 1; i++) {
            int size = (int) Math.min(CHUNK, largest) * type.bytes;
            free.add(ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN));
        }
        var pending = new ArrayDeque<Future<ByteBuffer>>();
        for (Shape.Tensor tensor : tensors) {
            var values = new Values(seed, model, tensor, type);
            for (long at = 0; at < tensor.elements(); at += CHUNK) {
                if (free.isEmpty()) {
                    free.add(write(channel, pending.remove()));
                }
                ByteBuffer buffer = free.remove();
                long from = at;
                int count = (int) Math.min(CHUNK, tensor.elements() - at);
                pending.add(pool.submit(() -> values.fill(buffer.clear(), from, count)));
            }
        }
        while (!pending.isEmpty()) {
            write(channel, pending.remove());
        }
    }

    private static ByteBuffer write(FileChannel channel, Future<ByteBuffer> filled) throws IOException {
        try {
            ByteBuffer buffer = filled.get().flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            return buffer;
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException("a chunk could not be computed", e);
        }
    }

    /** A safetensors header; its metadata names what was generated, so that another seed is not taken for this one. */
    private byte[] header(String model, List<Shape.Tensor> tensors) {
        var json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\",\"synthetic\":")
                .append(quote(shape.name() + " " + model + " seed " + seed)).append('}');
        long offset = 0;
        for (Shape.Tensor tensor : tensors) {
            long end = offset + tensor.elements() * type.bytes;
            json.append(',').append(quote(tensor.name())).append(":{\"dtype\":\"").append(type.name())
                    .append("\",\"shape\":").append(Arrays.toString(tensor.shape()).replace(" ", ""))
                    .append(",\"data_offsets\":[").append(offset).append(',').append(end).append("]}");
            offset = end;
        }
        json.append('}').repeat(' ', (8 - json.length() % 8) % 8);
        return ByteBuffer.allocate(8 + json.length()).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length())
                .put(json.toString().getBytes(StandardCharsets.US_ASCII)).array();
    }

    private static boolean isThere(Path file, byte[] header, long size) throws IOException {
        if (!Files.exists(file) || Files.size(file) != size) {
            return false;
        }
        try (var in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(header.length), header);
        }
    }

    private static void text(Path dir, String name, String content) throws IOException {
        Path temporary = dir.resolve(name + ".tmp");
        Files.writeString(temporary, content);
        Files.move(temporary, dir.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String quote(String plain) {
        return '"' + plain + '"';
    }

    private static String required(Map<String, String> options, String name) {
        require(options.containsKey(name), name + " is needed");
        return options.get(name);
    }

    /** A count or a size: {@code 300M}, {@code 1.2B}, {@code 5GB}, {@code 5GiB}. */
    private static long quantity(String text) {
        Function<String, Double> scale = unit -> switch (unit) {
            case "" -> 1.0;
            case "K", "KB" -> 1e3;
            case "M", "MB" -> 1e6;
            case "B", "G", "GB" -> 1e9;
            case "MiB" -> 0x1p20;
            case "GiB" -> 0x1p30;
            default -> throw new IllegalArgumentException("not a size: " + text);
        };
        int digits = 0;
        while (digits < text.length() && "0123456789.".indexOf(text.charAt(digits)) >= 0) {
            digits++;
        }
        return Math.round(Double.parseDouble(text.substring(0, digits)) * scale.apply(text.substring(digits)));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
