/* SPDX-License-Identifier: Apache-2.0 */
/* What jextract reads for OpenBLAS: both headers lie in the folder include/ of the jar org.bytedeco:openblas:linux-x86_64. */
#include <cblas.h>
#include <lapacke.h>
