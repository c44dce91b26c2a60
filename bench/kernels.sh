#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs the kernel benchmarks: bench/kernels.sh [JMH options] [pattern ...], see bench/README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/jdk.sh"
cd "$here/.."
maven=mvn
if [ -x ./mvnw ]; then maven=./mvnw; fi
"$maven" -q -B -Pbench test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.classpath \
    -Dmdep.includeScope=test >&2
exec "$JAVA" --enable-native-access=ALL-UNNAMED -cp "target/test-classes:target/classes:$(cat target/bench.classpath)" \
    dev.ingot.bench.Main "$@"
