#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The native part of the Maven build. Usage: build.sh compile BUILD_DIR CLASSES_DIR | build.sh test BUILD_DIR
# Without cmake or a C++ compiler it says so in one line and succeeds: Ingot then runs on its reference backend. A compiler
# that is there but fails is an error.
set -eu

source_dir=$(cd "$(dirname "$0")" && pwd)
action=$1
build_dir=$2

find_compiler() {
    for candidate in "${CXX:-}" c++ g++ clang++; do
        if [ -n "$candidate" ] && command -v "${candidate%% *}" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

skip() {
    echo "native kernels skipped: $1; install cmake (3.20 or newer), make and g++ for full speed, the reference backend will be used"
    exit 0
}

[ "$(uname -s)" = Linux ] || skip "only Linux is supported, this is $(uname -s)"
command -v cmake >/dev/null 2>&1 || skip "cmake was not found"
compiler=$(find_compiler)
[ -n "$compiler" ] || skip "no C++ compiler was found"
command -v make >/dev/null 2>&1 || command -v ninja >/dev/null 2>&1 || skip "neither make nor ninja was found"

if [ "$action" = test ]; then
    cmake --build "$build_dir" --parallel 2
    exec ctest --test-dir "$build_dir" --output-on-failure -j 2
fi

classes_dir=$3
if [ ! -f "$build_dir/CMakeCache.txt" ]; then
    generator="Unix Makefiles"
    command -v ninja >/dev/null 2>&1 && generator=Ninja
    CXX=$compiler cmake -S "$source_dir" -B "$build_dir" -G "$generator" >"$build_dir.log" 2>&1 || {
        cat "$build_dir.log" >&2
        exit 1
    }
fi
cmake --build "$build_dir" --target ingot --parallel 2

# Named by operating system and processor, as the loader looks for it. Copied only when changed, so that archives stay as
# they are.
target="$classes_dir/dev/ingot/native/linux-$(uname -m)"
mkdir -p "$target"
cmp -s "$build_dir/libingot.so" "$target/libingot.so" || cp "$build_dir/libingot.so" "$target/libingot.so"
