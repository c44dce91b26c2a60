// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Map;

/** A model that takes part in a merge, with the parameters given for it. */
public sealed interface ModelParameters permits InputModel, InputSource {
    /** The model. */
    ModelReference model();

    /** Parameters of this model alone: the highest level of precedence. */
    ParameterMap parameters();

    /** Further checkpoints that belong to the model. */
    Map<Companion, CompanionInput> companions();

    /** Where the entry was written. */
    Position position();
}
