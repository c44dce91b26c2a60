#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times matrix methods beside a plain torch script: PYTHON=... bench/matrices/run.sh --data DIR [options], see
# bench/README.md. PYTHON needs torch, numpy and safetensors, best in an environment of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
source "$here/../jdk.sh"
# These force OpenBLAS to a processor's kernels and caches, which would hold for one side only.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
# Machine, Report, Timed, Type and Values are those of the end-to-end benchmark.
"$(dirname "$JAVA")/javac" -Xlint:all -d "$classes" -sourcepath "$here:$here/../e2e" "$here/Compare.java"
# Builds the jar if it is missing or older than its sources.
[ -n "${INGOT_BENCH_NO_BUILD:-}" ] || "$root/ingot" --version >&2
"$JAVA" -Xmx1g -XX:+UseSerialGC -XX:MaxDirectMemorySize=2g -Dbench.root="$root" \
    -Dbench.python="${PYTHON:-python3}" -cp "$classes" Compare "$@"
