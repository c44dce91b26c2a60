// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How the output is put together from the inputs: whole models, slices of layers, or module by module. */
public sealed interface Layout {
    /** The layout of a single module. */
    sealed interface OfModule extends Layout {}

    /**
     * {@code models}: every tensor is merged from the same tensor of all models.
     *
     * @param models at least one, none twice
     */
    record Models(List<InputModel> models) implements OfModule {
        /** Refuses an empty list and repeated models. */
        public Models {
            models = List.copyOf(models);
            if (models.isEmpty()) {
                throw Position.NONE.error("no models to merge", "list at least one model");
            }
            Repeated.refuse(models, "under 'models'");
        }
    }

    /**
     * {@code slices}: the output's layers are assembled slice by slice.
     *
     * @param slices at least one, in the order of the output's layers
     */
    record Slices(List<OutputSlice> slices) implements OfModule {
        /** Refuses an empty list. */
        public Slices {
            slices = List.copyOf(slices);
            if (slices.isEmpty()) {
                throw Position.NONE.error("no slices to assemble", "list at least one slice");
            }
        }
    }

    /**
     * {@code modules}: an architecture of several modules, each with its own layout.
     *
     * @param modules the modules by name, in the order in which they were written; at least one
     */
    record Modules(Map<String, OutputModule> modules) implements Layout {
        /** Refuses an empty map. */
        public Modules {
            modules = Collections.unmodifiableMap(new LinkedHashMap<>(modules));
            if (modules.isEmpty()) {
                throw Position.NONE.error("no modules to merge", "name at least one module");
            }
        }
    }

    /**
     * One module of the output.
     *
     * @param layout     how the module is put together
     * @param parameters parameters of this module, between slice and configuration in precedence
     * @param position   where the module's name was written
     */
    record OutputModule(OfModule layout, ParameterMap parameters, Position position) {
        /** Refuses nulls. */
        public OutputModule {
            Objects.requireNonNull(layout);
            Objects.requireNonNull(parameters);
            Objects.requireNonNull(position);
        }
    }
}
