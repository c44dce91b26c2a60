// SPDX-License-Identifier: Apache-2.0
/**
 * The command line tool. One class per command, each a thin layer over {@link dev.ingot.Ingot}: standard output carries
 * the answer, standard error progress, warnings and errors.
 */
package dev.ingot.cli;
