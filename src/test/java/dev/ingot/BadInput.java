// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.error.ExitCode;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One thing a user can get wrong.
 *
 * @param name     what is wrong
 * @param yaml     the configuration; models {@code base}, {@code a} and {@code b} exist
 * @param exitCode how the command line tool must end
 * @param message  what the message must contain
 * @param spoil    breaks something on disk
 * @param request  changes the request, given the directory of the models
 */
record BadInput(String name, String yaml, ExitCode exitCode, String message, Spoil spoil, Change request) {
    /** Task arithmetic on all models. */
    static final String GOOD = """
            merge_method: task_arithmetic
            base_model: base
            models: [{model: a, parameters: {weight: 0.5}}, {model: b, parameters: {weight: 0.5}}]
            """;

    /** Does damage in the directory of the models. */
    @FunctionalInterface
    interface Spoil {
        void accept(Path models) throws IOException;
    }

    /** Asks for something odd. */
    @FunctionalInterface
    interface Change {
        MergeRequest apply(MergeRequest request, Path models);
    }

    /** A configuration that is wrong. */
    static BadInput config(String name, String yaml, String message) {
        return of(name, yaml, ExitCode.CONFIG, message);
    }

    /** A configuration that is wrong in some way. */
    static BadInput of(String name, String yaml, ExitCode exitCode, String message) {
        return new BadInput(name, yaml, exitCode, message, models -> {}, (request, models) -> request);
    }

    /** Good configuration, bad model. */
    static BadInput model(String name, String message, Spoil spoil) {
        return new BadInput(name, GOOD, ExitCode.CHECKPOINT, message, spoil, (request, models) -> request);
    }

    /** Good configuration and models, bad request. */
    static BadInput request(String name, ExitCode exitCode, String message, Change request) {
        return new BadInput(name, GOOD, exitCode, message, models -> {}, request);
    }

    @Override
    public String toString() {
        return name;
    }
}
