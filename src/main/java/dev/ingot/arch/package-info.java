// SPDX-License-Identifier: Apache-2.0
/** What is known of model architectures, as data: layers by name pattern, tied heads, keys of config.json. */
package dev.ingot.arch;
