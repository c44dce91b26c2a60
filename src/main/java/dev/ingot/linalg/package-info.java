// SPDX-License-Identifier: Apache-2.0
/**
 * Dense linear algebra on matrices outside of the Java heap, behind {@link dev.ingot.linalg.LinearAlgebra}. OpenBLAS does the
 * arithmetic, in the calling thread alone, or cuBLAS and cuSOLVER on the thread's stream; work is spread over matrices, so that no
 * result depends on the number of threads.
 */
package dev.ingot.linalg;
