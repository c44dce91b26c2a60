// SPDX-License-Identifier: Apache-2.0
/**
 * Merge methods. A {@link dev.ingot.method.MergeMethod} describes itself with a {@link dev.ingot.method.MethodSpec} and turns
 * the resolved parameters of one tensor into a {@link dev.ingot.method.TensorProgram}; it never sees an address, a file or a
 * thread. {@link dev.ingot.method.Methods} lists them all.
 */
package dev.ingot.method;
