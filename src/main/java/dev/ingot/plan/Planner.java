// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Families;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.NameOrder;
import dev.ingot.config.ConfigWarning;
import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.config.NearestName;
import dev.ingot.error.IngotException;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.Methods;
import dev.ingot.method.Part;
import dev.ingot.tokenizer.TokenizerMerge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Makes plans. Reads headers and metadata only, writes nothing. Thread-safe. */
public final class Planner {
    private final Methods methods;
    private final Families families = Families.load();

    /** @param methods the methods that configurations may name */
    public Planner(Methods methods) {
        this.methods = methods;
    }

    /**
     * Makes a plan for a backend of the host.
     *
     * @throws IngotException of the kind that the fault belongs to; no output exists then
     */
    public Plan plan(PlanRequest request) {
        return plan(request, ReferenceBackend::new);
    }

    /**
     * Checks everything that can be known from the configuration and the headers.
     *
     * @param backend what will compute it; asked for when the configuration and the inputs have been found to be right
     * @throws IngotException of the kind that the fault belongs to; no output exists then
     */
    public Plan plan(PlanRequest request, Supplier<Backend> backend) {
        Draft draft = request.product() instanceof Product.Reconstruction reconstruction
                ? Reconstructor.draft(request, reconstruction)
                : draft(request);
        return draft.plan(request, backend);
    }

    private Draft draft(PlanRequest request) {
        MergeConfig config = request.config();
        List<String> warnings = new ArrayList<>();
        MergeMethod method = checkConfig(request, warnings);
        MethodSpec spec = method.spec();

        SequencedMap<ModelReference, Checkpoint> models = open(request, models(config));
        SequencedMap<ModelReference, Checkpoint> companions = open(request, config.companions());
        Plan.inputs(models, companions).forEach(input -> warnings.addAll(input.warnings()));
        ModelReference donor = config.baseModel().orElse(models.firstEntry().getKey());
        TensorLookup lookup = new TensorLookup(models, donor, families);
        if (!request.mixed()) {
            SameArchitecture.require(config.referencedModels(), lookup, donor);
        }
        LayoutExpander.Expansion expansion = new LayoutExpander(config, spec, lookup, donor).expand();
        warnings.addAll(expansion.warnings());
        TokenizerPlanner tokenizers = new TokenizerPlanner(config, lookup.architecture(), models);
        Optional<TokenizerMerge> tokenizer = tokenizers.merge();
        TokenRows tokenRows = new TokenRows(lookup.architecture(), tokenizer);
        TensorResolver resolver = new TensorResolver(
                method,
                lookup,
                new CompanionTensors(companions, lookup.architecture()),
                tokenRows,
                config.dtype(), config.outDtype(), request.rng(), request.seed());
        List<TensorResolver.Resolved> drawn = DrawOrder.assign(
                expansion.assignments().stream()
                        .map(resolver::resolve)
                        .map(tensor -> part(tensor, request.product()))
                        .toList());
        warnings.addAll(resolver.warnings());
        List<TensorResolver.Resolved> resolved = drawn.stream()
                .sorted(Comparator.comparing(TensorResolver.Resolved::name, NameOrder.UTF8))
                .toList();
        Tokenization tokenization = tokenizers.tokenization(donor, tokenizer, tokenRows.cutTo());
        warnings.addAll(tokenizers.warnings());
        warnings.addAll(tokenRows.warnings());
        List<String> tasks = switch (request.product()) {
            case Product.Masks masks -> MaskParts.tasks(config, method);
            case Product.Factors factors -> FactorParts.tasks(config, method, methods);
            case Product.Model model -> List.of();
            case Product.Reconstruction reconstruction -> List.of();
        };
        return new Draft(
                config,
                tasks,
                spec,
                models,
                companions,
                donor,
                tokenization,
                switch (request.product()) {
                    case Product.Masks masks -> MaskParts.groups(resolved, tasks, models.get(donor));
                    case Product.Factors(Dtype type) -> FactorParts.groups(resolved, tasks, method, type);
                    case Product.Model model -> List.of(OutputGroup.model(resolved));
                    case Product.Reconstruction reconstruction -> List.of(OutputGroup.model(resolved));
                },
                expansion.configChanges(),
                tokenizers.bytesRead(),
                warnings);
    }

    private static TensorResolver.Resolved part(TensorResolver.Resolved tensor, Product product) {
        return product instanceof Product.Masks(Dtype vector) ? tensor.part(new Part.Vector(), vector) : tensor;
    }

    /**
     * Checks what can be known before other merges have made their results: the configuration, the models that are no results,
     * and that nothing stands in the place of the output.
     *
     * @throws IngotException of the kind that the fault belongs to
     */
    public void check(PlanRequest request) {
        checkConfig(request, new ArrayList<>());
        ModelLoader loader = new ModelLoader(request.modelRoots(), request.results());
        Stream.concat(request.config().referencedModels().stream(), request.config().companions().stream())
                .filter(model -> !loader.isResult(model))
                .forEach(loader::open);
        if (!request.overwrite()) {
            OutputCheck.requireVacant(request.output());
        }
    }

    private MergeMethod checkConfig(PlanRequest request, List<String> warnings) {
        MergeConfig config = request.config();
        request.rng().check(request.seed());
        MergeMethod method = method(config);
        MethodSpec spec = method.spec();
        config.warnings().stream().map(ConfigWarning::toString).forEach(warnings::add);
        warnings.addAll(ParameterNames.check(config, spec));
        CompanionKeys.check(config, spec, methods);
        if (spec.requiresBase() && !namesBase(config)) {
            throw config.source()
                    .positionOf("merge_method")
                    .error("method " + spec.name() + " needs a base model", "name it with base_model");
        }
        return method;
    }

    private MergeMethod method(MergeConfig config) {
        String name = config.mergeMethod();
        return methods.find(name)
                .orElseThrow(() -> config.source()
                        .positionOf("merge_method")
                        .error(
                                "unknown merge method '" + name + "'",
                                NearestName.suggest(name, methods.names())
                                        .map(near -> "did you mean '" + near + "'?")
                                        .orElse("known methods: " + String.join(", ", methods.names()))));
    }

    /** Whether there is a base model for all or for some slices; {@link SliceAssembler} checks each. */
    private static boolean namesBase(MergeConfig config) {
        return config.baseModel().isPresent()
                || config.layout() instanceof Layout.Slices sliced
                        && sliced.slices().stream().anyMatch(slice -> slice.baseModel().isPresent());
    }

    /** Merged models, then those that only give tokens. */
    private static Set<ModelReference> models(MergeConfig config) {
        Set<ModelReference> models = new LinkedHashSet<>(config.referencedModels());
        models.addAll(TokenizerPlanner.namedModels(config));
        return models;
    }

    private static SequencedMap<ModelReference, Checkpoint> open(PlanRequest request, Set<ModelReference> references) {
        ModelLoader loader = new ModelLoader(request.modelRoots(), request.results());
        SequencedMap<ModelReference, Checkpoint> checkpoints = new LinkedHashMap<>();
        references.forEach(reference -> checkpoints.put(reference, loader.open(reference)));
        return checkpoints;
    }
}
