// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.config.ResolvedParameter.Level;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the value of a parameter for a tensor: model before slice before module before configuration. A level whose
 * conditions exclude the tensor is passed over. The method's default is the caller's business.
 *
 * @param sources the models of the slice (or of the whole module) with their own parameters
 * @param slice   parameters of the slice
 * @param module  parameters of the enclosing module
 * @param global  parameters of the configuration
 */
public record ParameterResolver(
        List<? extends ModelParameters> sources, ParameterMap slice, ParameterMap module, ParameterMap global) {
    /** Copies the list; refuses nulls. */
    public ParameterResolver {
        sources = List.copyOf(sources);
        Objects.requireNonNull(slice);
        Objects.requireNonNull(module);
        Objects.requireNonNull(global);
    }

    /** The resolver of a slice. */
    public static ParameterResolver of(OutputSlice slice, ParameterMap module, ParameterMap global) {
        return new ParameterResolver(slice.sources(), slice.parameters(), module, global);
    }

    /** The resolver of whole models. */
    public static ParameterResolver of(Layout.Models models, ParameterMap module, ParameterMap global) {
        return new ParameterResolver(models.models(), ParameterMap.EMPTY, module, global);
    }

    /**
     * A parameter that each model has for itself, such as weight or density.
     *
     * @param name       name of the parameter
     * @param model      the model; it need not be among the sources (an added base model is not)
     * @param tensorName name of the tensor in that model, which conditions of all levels test
     * @param t          relative depth in the output slice, from 0 to 1
     */
    public Optional<ResolvedParameter> forModel(String name, ModelReference model, String tensorName, double t) {
        for (ModelParameters source : sources) {
            if (source.model().equals(model)) {
                Optional<ResolvedParameter> own = find(source.parameters(), Level.MODEL, name, tensorName, t);
                if (own.isPresent()) {
                    return own;
                }
            }
        }
        return global(name, tensorName, t);
    }

    /**
     * A parameter of the method as a whole, such as normalize or lambda. Parameters of single models do not count.
     *
     * @param name       name of the parameter
     * @param tensorName name of the tensor in the output, which conditions test
     * @param t          relative depth in the output slice, from 0 to 1
     */
    public Optional<ResolvedParameter> global(String name, String tensorName, double t) {
        return find(slice, Level.SLICE, name, tensorName, t)
                .or(() -> find(module, Level.MODULE, name, tensorName, t))
                .or(() -> find(global, Level.GLOBAL, name, tensorName, t));
    }

    private static Optional<ResolvedParameter> find(
            ParameterMap map, Level level, String name, String tensorName, double t) {
        return map.get(name)
                .flatMap(setting -> setting.select(tensorName))
                .map(value -> new ResolvedParameter(value.at(t), level, value.position()));
    }
}
