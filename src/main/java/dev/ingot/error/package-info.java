// SPDX-License-Identifier: Apache-2.0
/** The errors that Ingot reports on purpose, and the exit codes they map to. */
package dev.ingot.error;
