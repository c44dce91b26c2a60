// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.arch.LayerName;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.NameOrder;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.exec.SpectrumRun;
import dev.ingot.exec.SpectrumTask;
import dev.ingot.exec.TensorSpectrum;
import dev.ingot.kernel.Backend;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.SpectrumFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which tensors a spectrum is computed of, and what becomes of the results. */
final class SpectrumPlan {
    private static final String OUTSIDE = "others";

    private final SpectrumRequest request;
    private final List<Checkpoint> checkpoints;
    private final List<SpectrumTask> tasks = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private long memory;

    private SpectrumPlan(SpectrumRequest request, List<Checkpoint> checkpoints) {
        this.request = request;
        this.checkpoints = checkpoints;
    }

    /** Reads headers only. */
    static SpectrumPlan of(SpectrumRequest request) {
        List<Checkpoint> models = request.models().stream().map(Checkpoint::open).toList();
        Optional<Checkpoint> base = request.base().map(Checkpoint::open);
        SpectrumPlan plan = new SpectrumPlan(request, Stream.concat(models.stream(), base.stream()).toList());
        plan.checkpoints.forEach(checkpoint -> plan.warnings.addAll(checkpoint.warnings()));
        SortedSet<String> names = new TreeSet<>(NameOrder.UTF8);
        models.forEach(model -> names.addAll(model.tensors().keySet()));
        names.forEach(name -> plan.add(name, models, base));
        if (plan.tasks.isEmpty()) {
            plan.warnings.add("there is no tensor with two dimensions and floating-point values");
        }
        return plan;
    }

    private static boolean isMatrix(TensorRef tensor) {
        return tensor.dtype().mergeable() && tensor.shape().rank() == 2 && tensor.elements() > 0
                && tensor.shape().dim(0) <= Integer.MAX_VALUE && tensor.shape().dim(1) <= Integer.MAX_VALUE;
    }

    private void add(String name, List<Checkpoint> models, Optional<Checkpoint> base) {
        Optional<TensorRef> origin = base.flatMap(checkpoint -> checkpoint.find(name));
        List<Optional<TensorRef>> found = new ArrayList<>();
        Optional<TensorRef> first = origin.filter(SpectrumPlan::isMatrix);
        for (Checkpoint model : models) {
            Optional<TensorRef> tensor = model.find(name).filter(SpectrumPlan::isMatrix);
            if (tensor.isPresent() && base.isPresent() && origin.isEmpty()) {
                warnings.add(model.location() + ": tensor '" + name + "' is not in the base model and is left out");
                tensor = Optional.empty();
            }
            first = first.or(() -> model.find(name).filter(SpectrumPlan::isMatrix));
            TensorRef shaped = base.isPresent() ? origin.orElse(null) : first.orElse(null);
            if (tensor.isPresent() && !tensor.get().shape().equals(shaped.shape())) {
                warnings.add(model.location() + ": tensor '" + name + "' has shape " + tensor.get().shape() + ", not "
                        + shaped.shape() + " as in " + shaped.file() + ", and is left out");
                tensor = Optional.empty();
            }
            found.add(tensor);
        }
        if (found.stream().anyMatch(Optional::isPresent)) {
            int rows = (int) first.orElseThrow().shape().dim(0);
            int cols = (int) first.orElseThrow().shape().dim(1);
            int left = compares() ? Math.min(request.top(), Math.min(rows, cols)) : 0;
            tasks.add(new SpectrumTask(name, rows, cols, origin, found, left));
        }
    }

    private boolean compares() {
        return request.base().isPresent() && request.models().size() > 1;
    }

    SpectrumRun run(Backend backend) {
        LinearAlgebra.require();
        SpectrumRun run =
                new SpectrumRun(tasks, checkpoints, backend, request.top(), request.threads(), request.memory());
        memory = run.memory();
        return run;
    }

    Spectrum result(List<TensorSpectrum> spectra) {
        List<String> all = new ArrayList<>(warnings);
        spectra.forEach(spectrum -> all.addAll(spectrum.faults()));
        List<Spectrum.Matrix> matrices = spectra.stream().map(this::matrix).toList();
        return new Spectrum(
                request.models(), request.base(), matrices, compares() ? layers(matrices) : List.of(), memory, all);
    }

    private Spectrum.Matrix matrix(TensorSpectrum spectrum) {
        SpectrumTask task = spectrum.task();
        return new Spectrum.Matrix(
                task.name(), task.rows(), task.cols(),
                spectrum.models().stream().map(facts -> facts.map(SpectrumPlan::values)).toList(),
                spectrum.overlaps().isEmpty() ? List.of() : overlaps(spectrum.overlaps()));
    }

    private static Spectrum.Values values(SpectrumFacts facts) {
        return new Spectrum.Values(
                facts.leading(), facts.nuclear(), facts.frobenius(), facts.effectiveRank(), facts.stableRank());
    }

    private List<Spectrum.Overlap> overlaps(List<OptionalDouble> triangle) {
        List<Spectrum.Overlap> overlaps = new ArrayList<>();
        for (int second = 1; second < request.models().size(); second++) {
            for (int first = 0; first < second; first++) {
                overlaps.add(new Spectrum.Overlap(first, second, triangle.get(second * (second + 1) / 2 + first)));
            }
        }
        return overlaps;
    }

    private static List<Spectrum.Layer> layers(List<Spectrum.Matrix> matrices) {
        Map<String, List<Spectrum.Matrix>> groups = new LinkedHashMap<>();
        Map<String, OptionalInt> numbers = new LinkedHashMap<>();
        for (Spectrum.Matrix matrix : matrices) {
            Optional<LayerName> place = LayerName.parse(matrix.tensor());
            String name = place.map(part -> part.prefix() + "." + part.layer()).orElse(OUTSIDE);
            numbers.put(name, place.map(part -> OptionalInt.of(part.layer())).orElse(OptionalInt.empty()));
            groups.computeIfAbsent(name, key -> new ArrayList<>()).add(matrix);
        }
        return groups.entrySet().stream()
                .map(group -> new Spectrum.Layer(group.getKey(), numbers.get(group.getKey()), means(group.getValue())))
                .sorted(SpectrumPlan::inOrder)
                .toList();
    }

    /** Stacks by name, layers by number: names alone would put layer 10 before layer 2. */
    private static int inOrder(Spectrum.Layer a, Spectrum.Layer b) {
        int stacks = NameOrder.UTF8.compare(stack(a), stack(b));
        return stacks != 0 ? stacks : Integer.compare(a.layer().orElse(-1), b.layer().orElse(-1));
    }

    private static String stack(Spectrum.Layer layer) {
        return layer.layer().isPresent() ? layer.name().substring(0, layer.name().lastIndexOf('.')) : layer.name();
    }

    private static List<Spectrum.Overlap> means(List<Spectrum.Matrix> matrices) {
        List<Spectrum.Overlap> means = new ArrayList<>();
        for (int pair = 0; pair < matrices.getFirst().overlaps().size(); pair++) {
            int at = pair;
            OptionalDouble mean = matrices.stream()
                    .flatMapToDouble(matrix -> matrix.overlaps().get(at).share().stream())
                    .average();
            Spectrum.Overlap one = matrices.getFirst().overlaps().get(pair);
            means.add(new Spectrum.Overlap(one.first(), one.second(), mean));
        }
        return means;
    }
}
