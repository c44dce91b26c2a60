// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** All merge methods: the built-in ones, and those that {@link ServiceLoader} finds. */
public final class Methods {
    private static final List<MergeMethod> BUILT_IN = List.of(
            new Linear(),
            new Slerp(),
            new TaskVectors(TaskVectorSpecs.TASK_ARITHMETIC, TaskVectors.Sparsifier.NONE, false),
            new TaskVectors(TaskVectorSpecs.TIES, TaskVectors.Sparsifier.MAGNITUDE, true),
            new TaskVectors(TaskVectorSpecs.DARE_LINEAR, TaskVectors.Sparsifier.RANDOM, false),
            new TaskVectors(TaskVectorSpecs.DARE_TIES, TaskVectors.Sparsifier.RANDOM, true),
            new TaskVectors(TaskVectorSpecs.BREADCRUMBS, TaskVectors.Sparsifier.OUTLIERS, false),
            new TaskVectors(TaskVectorSpecs.BREADCRUMBS_TIES, TaskVectors.Sparsifier.OUTLIERS, true),
            new TaskVectors(TaskVectorSpecs.DELLA, TaskVectors.Sparsifier.RANKED, true),
            new TaskVectors(TaskVectorSpecs.DELLA_LINEAR, TaskVectors.Sparsifier.RANKED, false),
            new NuSlerp(),
            new MultiSlerp(),
            new Karcher(),
            new ModelStock(),
            new NearSwap(),
            new ArceeFusion(),
            new Sce(Sce.SPEC, false),
            new Sce(Sce.FUSECHAT_SPEC, true),
            new VaRm(),
            new Widen(),
            new Mwa(),
            new Analogy(),
            new AddDifference(),
            new Ram(Ram.SPEC, false),
            new Ram(Ram.PLUS_SPEC, true),
            new Emr(),
            new MagnitudeMask(),
            new Frank(),
            new Pcb(),
            new TsvM(),
            new IsoC(IsoC.SPEC),
            new IsoC(IsoC.CTS_SPEC),
            new TwinMerging(),
            new SingularProjectionMerging(),
            new Wudi(),
            new OptMerge(),
            new Opcm(),
            new Dop(),
            new DogeTa(),
            new Knots(),
            new Smile(),
            new Passthrough());

    private final Map<String, MergeMethod> byName = new TreeMap<>();

    private Methods(List<MergeMethod> methods) {
        for (MergeMethod method : methods) {
            if (byName.putIfAbsent(method.spec().name(), method) != null) {
                throw new IllegalStateException("two merge methods are named " + method.spec().name());
            }
        }
    }

    /** The built-in methods and those of providers on the module or class path. */
    public static Methods load() {
        List<MergeMethod> methods = new ArrayList<>(BUILT_IN);
        methods.addAll(ComposedSpecs.methods());
        methods.addAll(WudiFilter.methods());
        ServiceLoader.load(MergeMethod.class).forEach(methods::add);
        return new Methods(methods);
    }

    /** The method of this name, if there is one. */
    public Optional<MergeMethod> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** All names in ascending order. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** All methods, by ascending name. */
    public List<MergeMethod> all() {
        return List.copyOf(byName.values());
    }

    /** All descriptions, by ascending name. */
    public List<MethodSpec> specs() {
        return byName.values().stream().map(MergeMethod::spec).toList();
    }
}
