// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.error.UsageException;
import picocli.CommandLine.Command;

/** {@code ingot bench}. */
@Command(description = "Measures how fast Ingot is on this machine.", synopsisSubcommandLabel = "WHAT")
final class BenchCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("nothing to measure is named", "try 'ingot bench kernels'");
    }
}
