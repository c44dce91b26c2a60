#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes target/gpu-kit and target/gpu-kit.tar.gz from what Maven has built; called by the profile gpu-kit of the pom.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../jdk.sh"
cd "$here/../.."
kit=target/gpu-kit
# What machines that are lent take, of the packed kit.
most=$((60 * 1024 * 1024))
rm -rf "$kit"
mkdir -p "$kit/lib" "$kit/tests" "$kit/data"

# Java itself: only what Ingot, JUnit's console and AssertJ use.
"$(dirname "$JAVA")/jlink" --add-modules java.base,java.logging,java.management,java.sql,java.xml,jdk.unsupported \
    --strip-debug --no-header-files --no-man-pages --compress zip-9 --vm server --output "$kit/runtime"
rm -rf "$kit/runtime/legal"
if command -v strip >/dev/null; then
    find "$kit/runtime/lib" -name '*.so' -exec strip --strip-unneeded {} +
fi

cp target/ingot.jar "$kit/lib/"
cp target/gpu-kit-lib/*.jar "$kit/lib/"
cp -R target/test-classes "$kit/tests/classes"
# Example models, golden files and other data, which the tests of the GPU do without.
find "$kit/tests/classes" -mindepth 1 -maxdepth 1 ! -name dev -exec rm -rf {} +
rm -rf "$kit/tests/classes/dev/ingot/"{arch,cli,config,eval,tokenizer}
cp -R bench/e2e/configs "$kit/data/configs"
cp -R bench/matrices/configs "$kit/data/matrices"

# The same programs as of bench/e2e, compiled, as the kit has no compiler.
"$(dirname "$JAVA")/javac" -nowarn --release 22 -d "$kit/tests/generate" bench/e2e/*.java

if [ -f target/classes/dev/ingot/cuda/ingot.fatbin ]; then
    cp target/classes/dev/ingot/cuda/ingot.fatbin "$kit/lib/"
fi
c++ -std=c++17 -O1 -Wall -Wextra -Werror -I cuda/include -I native/include -o "$kit/lib/touch-kernels" \
    "$here/touch_kernels.cpp" -ldl
# The emulated driver, for gpu-check --shim; a build that skips tests has not made it.
sh cuda/build.sh shim target/cuda
if [ -f target/cuda/libingot_cuda_shim.so ]; then
    cp target/cuda/libingot_cuda_shim.so "$kit/lib/"
fi
cp "$here/gpu-check" "$here/ingot" "$here/torch_compare.py" "$here/torch_matrices.py" bench/matrices/rivals.py "$kit/"
chmod +x "$kit/gpu-check" "$kit/ingot"
git rev-parse HEAD >"$kit/commit" 2>/dev/null || echo unknown >"$kit/commit"

tar -czf "$kit.tar.gz" -C target gpu-kit
bytes=$(stat -c %s "$kit.tar.gz")
if [ "$bytes" -gt $most ]; then
    echo "error: $kit.tar.gz has $bytes bytes, more than $most" >&2
    exit 1
fi
echo "GPU kit: $kit, $(($(du -sb "$kit" | cut -f1) / 1024 / 1024)) MiB; packed: $((bytes / 1024 / 1024)) MiB"
