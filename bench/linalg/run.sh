#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times factorisations beside numpy and torch, one after the other, on one thread each:
#   bench/linalg/run.sh [ROUNDS] [PYTHON] ["ROWS COLS" ...]
# Needs a build (./mvnw -q package), and a Python with numpy, best in an environment of its own. What forces OpenBLAS to a
# processor's kernels is unset, as it would hold for one side only.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bench/jdk.sh
rounds=${1:-2}
python=${2:-python3}
sizes=("${@:3}")
((${#sizes[@]})) || sizes=("1024 4096" "2048 2048")
unset OPENBLAS_CORETYPE
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
blas=$(find "${MAVEN_REPOSITORY:-$HOME/.m2/repository}/org/bytedeco/openblas" -name 'openblas-*-*-*.jar' | tail -n 1)
for ((round = 1; round <= rounds; round++)); do
    for size in "${sizes[@]}"; do
        # shellcheck disable=SC2086
        "$JAVA" --enable-native-access=ALL-UNNAMED -cp "target/classes:$blas" bench/linalg/LinalgBench.java $size 2
        # shellcheck disable=SC2086
        "$python" bench/linalg/rivals.py $size 2
    done
done
