// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.config.Position;
import dev.ingot.config.TorchDtype;
import dev.ingot.error.UsageException;
import dev.ingot.exec.IoMode;
import dev.ingot.kernel.Backends;
import dev.ingot.plan.MemorySize;
import dev.ingot.plan.PlanRequest;
import dev.ingot.plan.Product;
import dev.ingot.plan.Rng;
import dev.ingot.plan.ShardSize;
import dev.ingot.report.MachineMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What is to be merged and how. Immutable; {@code with...} methods give changed copies.
 *
 * <p>Relative model paths are looked up in the working directory first, then in the directory of the configuration file.
 */
public final class MergeRequest {
    /**
     * Anonymous memory that a merge may use unless told otherwise: 512 MiB, for models of any size. Methods that work on whole
     * matrices take what the largest needs instead, if that is more and the machine has it.
     */
    public static final long DEFAULT_MEMORY = 512L << 20;

    private final MergeConfig config;
    private final List<Path> modelRoots;
    private final Map<String, Path> results;
    private final Path output;
    private final Options options;

    /** Written only while a copy is made. */
    private static final class Options implements Cloneable {
        String backend = Backends.AUTO;
        long seed;
        Rng rng = Rng.PHILOX;
        int threads = Runtime.getRuntime().availableProcessors();
        long memory = DEFAULT_MEMORY;
        boolean memoryMayGrow = true;
        ShardSize shardSize = ShardSize.DEFAULT;
        IoMode io = IoMode.AUTO;
        boolean mixed;
        boolean overwrite;
        boolean copyTokenizer = true;
        boolean modelCard = true;
        Product product = new Product.Model();

        Options copy() {
            try {
                return (Options) clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private MergeRequest(
            MergeConfig config, List<Path> modelRoots, Map<String, Path> results, Path output, Options options) {
        this.config = config;
        this.modelRoots = List.copyOf(modelRoots);
        this.results = Map.copyOf(results);
        this.output = Objects.requireNonNull(output);
        this.options = options;
    }

    /**
     * The merge that a YAML file describes.
     *
     * @param config a file in mergekit's dialect
     * @param output the directory that receives the merged model
     * @throws dev.ingot.error.ConfigException if the file cannot be read or understood
     */
    public static MergeRequest of(Path config, Path output) {
        return new MergeRequest(MergeConfig.load(config), roots(config), Map.of(), output, new Options());
    }

    private static List<Path> roots(Path config) {
        return List.of(Path.of(""), config.toAbsolutePath().getParent());
    }

    /** One merge of several in a file. */
    static MergeRequest of(MergeConfig merge, Path file, Map<String, Path> results, Path output) {
        return new MergeRequest(merge, roots(file), results, output, new Options());
    }

    /**
     * The merge that YAML text describes.
     *
     * @param yaml       text in mergekit's dialect
     * @param sourceName what messages call it
     * @param models     the directory in which relative model paths are looked up
     * @param output     the directory that receives the merged model
     * @throws dev.ingot.error.ConfigException if the text cannot be understood
     */
    public static MergeRequest ofYaml(String yaml, String sourceName, Path models, Path output) {
        return new MergeRequest(MergeConfig.parse(yaml, sourceName), List.of(models), Map.of(), output, new Options());
    }

    /**
     * One of the models that vector and masks stand for.
     *
     * @param masks  a directory that a request of {@link #asMasks} has filled
     * @param base   the base model of the merge that it was, a directory or safetensors file; its config.json and tokenizer are
     *               copied
     * @param task   the name of the model there, the last part of the path that it had
     * @param output the directory that receives the model
     */
    public static MergeRequest reconstruction(Path masks, Path base, String task, Path output) {
        ModelReference donor = ModelReference.of(base.toString());
        MergeConfig config = MergeConfig.builder()
                .mergeMethod("reconstruct")
                .baseModel(donor)
                .model(ModelReference.of(masks.toString()), Map.of())
                .build();
        return new MergeRequest(config, List.of(Path.of("")), Map.of(), output, new Options())
                .with(o -> {
                    o.product = new Product.Reconstruction(masks, task);
                    o.modelCard = false;
                });
    }

    /** Makes the vector of all models in float32, and a mask for each, instead of a model. */
    public MergeRequest asMasks() {
        return asMasks("float32");
    }

    /**
     * Makes the vector of all models, and a mask for each, instead of a model. The method must be one with masks.
     *
     * @param dtype the type of the vector, such as {@code bfloat16}; models that are rebuilt from one in {@code float32} are
     *              those that merging gives
     * @throws dev.ingot.error.ConfigException if there is no such type
     */
    public MergeRequest asMasks(String dtype) {
        Product masks = new Product.Masks(TorchDtype.parse(dtype, Position.NONE));
        return with(o -> o.product = masks);
    }

    /**
     * Makes the factors of each model instead of a merged model. The method must be one with factors.
     *
     * @param dtype the type in which they are stored, such as {@code float32}
     * @throws dev.ingot.error.ConfigException if there is no such type
     */
    public MergeRequest asFactors(String dtype) {
        Product factors = new Product.Factors(TorchDtype.parse(dtype, Position.NONE));
        return with(o -> o.product = factors);
    }

    /**
     * The type in which results are stored, instead of what the configuration says.
     *
     * @param dtype such as {@code bfloat16}
     * @throws dev.ingot.error.ConfigException if there is no such type
     */
    public MergeRequest withOutputType(String dtype) {
        MergeConfig changed = config.withOutDtype(TorchDtype.parse(dtype, Position.NONE));
        return new MergeRequest(changed, modelRoots, results, output, options);
    }

    private MergeRequest with(Consumer<Options> change) {
        Options changed = options.copy();
        change.accept(changed);
        return new MergeRequest(config, modelRoots, results, output, changed);
    }

    /** Looks up relative model paths in this directory before all others. */
    public MergeRequest withModelDirectory(Path directory) {
        List<Path> roots = new ArrayList<>(modelRoots);
        roots.addFirst(directory);
        return new MergeRequest(config, roots, results, output, options);
    }

    /** {@code auto} (the default), {@code cuda}, {@code cpu} or {@code reference}. */
    public MergeRequest withBackend(String backend) {
        return with(o -> o.backend = Objects.requireNonNull(backend));
    }

    /** Seed of random masks; 0 by default, so that a repeated merge gives the same bytes. */
    public MergeRequest withSeed(long seed) {
        return with(o -> o.seed = seed);
    }

    /**
     * How random masks are drawn: {@code philox} (the default), or {@code mergekit} for the masks that mergekit draws on the
     * CPU with the same seed, which is at least 0 and below 2^32 then.
     *
     * @throws dev.ingot.error.UsageException if there is no such generator
     */
    public MergeRequest withRng(String name) {
        Rng parsed = Rng.parse(name);
        return with(o -> o.rng = parsed);
    }

    /** Worker threads, at least 1; all processors by default. The result does not depend on it. */
    public MergeRequest withThreads(int threads) {
        if (threads < 1) {
            throw new UsageException("a merge needs at least 1 thread, not " + threads, "leave it out to use all processors");
        }
        return with(o -> o.threads = threads);
    }

    /** Anonymous memory for the whole process, in bytes; {@link #DEFAULT_MEMORY} by default. */
    public MergeRequest withMemory(long bytes) {
        return with(o -> {
            o.memory = bytes;
            o.memoryMayGrow = false;
        });
    }

    /**
     * Anonymous memory for the whole process as text, such as {@code 512MiB} or {@code 2GB}.
     *
     * @throws dev.ingot.error.UsageException if it is no size
     */
    public MergeRequest withMemory(String size) {
        return withMemory(MemorySize.parse(size));
    }

    /**
     * How large an output file may grow: {@code 5GB} or {@code 5GiB} count bytes, {@code 5B} parameters, 0 means one file.
     *
     * @throws dev.ingot.error.UsageException if it is no size
     */
    public MergeRequest withShardSize(String size) {
        ShardSize parsed = ShardSize.parse(size);
        return with(o -> o.shardSize = parsed);
    }

    /** How inputs are read: {@code auto} (the default), {@code mmap} or {@code pread}. */
    public MergeRequest withIo(String mode) {
        IoMode parsed = IoMode.parse(mode);
        return with(o -> o.io = parsed);
    }

    /** Whether models of different architectures may be merged, by the names and shapes of their tensors; no by default. */
    public MergeRequest withMixedArchitectures(boolean mixed) {
        return with(o -> o.mixed = mixed);
    }

    /** Whether a model that is in the output directory already may be replaced; no by default. */
    public MergeRequest withOverwrite(boolean overwrite) {
        return with(o -> o.overwrite = overwrite);
    }

    /** Whether tokenizer files of the base (or first) model are copied; yes by default. */
    public MergeRequest withTokenizerCopy(boolean copy) {
        return with(o -> o.copyTokenizer = copy);
    }

    /** Whether a model card and the configuration are written; yes by default. */
    public MergeRequest withModelCard(boolean write) {
        return with(o -> o.modelCard = write);
    }

    /** Most of what this machine has to spare now, in bytes. */
    private static long spareMemory() {
        long available = MachineMemory.now().available();
        return available == 0 ? Long.MAX_VALUE : available / 10 * 9;
    }

    PlanRequest toPlanRequest() {
        return new PlanRequest(
                config,
                modelRoots,
                results,
                options.product,
                output,
                options.shardSize,
                options.seed,
                options.rng,
                options.threads,
                options.memory,
                options.memoryMayGrow ? Math.max(options.memory, spareMemory()) : options.memory,
                options.mixed,
                options.overwrite);
    }

    Path output() {
        return output;
    }

    String backend() {
        return options.backend;
    }

    IoMode io() {
        return options.io;
    }

    boolean copyTokenizer() {
        return options.copyTokenizer;
    }

    boolean overwrite() {
        return options.overwrite;
    }

    boolean modelCard() {
        return options.modelCard;
    }
}
