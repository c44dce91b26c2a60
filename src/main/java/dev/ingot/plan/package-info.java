// SPDX-License-Identifier: Apache-2.0
/**
 * From a configuration and the headers of the inputs to an immutable plan. Nothing is computed and no output exists yet;
 * every error a user can make is found here.
 */
package dev.ingot.plan;
