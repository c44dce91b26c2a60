#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The CUDA part of the Maven build.
#   build.sh compile BUILD_DIR CLASSES_DIR   kernels by nvcc into one fatbin, copied to the classes
#   build.sh shim BUILD_DIR                  kernels by the C++ compiler into BUILD_DIR/libingot_cuda_shim.so, for tests
#   build.sh test BUILD_DIR                  tests of the shim itself
# Without nvcc, or without cmake or a C++ compiler, it says so in one line and succeeds; what is there but fails is an
# error. NVCC names another nvcc; NVCC=none is as if there were none.
set -eu

source_dir=$(cd "$(dirname "$0")" && pwd)
action=$1
build_dir=$2

# First with 12.8: sm_100 and sm_120. An older nvcc leaves out what it does not know.
architectures="75 80 86 89 90 100 120"

find_compiler() {
    for candidate in "${CXX:-}" c++ g++ clang++; do
        if [ -n "$candidate" ] && command -v "${candidate%% *}" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

find_nvcc() {
    for candidate in "${NVCC:-}" nvcc "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" /usr/local/cuda/bin/nvcc; do
        [ "$candidate" = none ] && return
        if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
}

skip_kernels() {
    # Kernels of an earlier build would be those of other sources.
    rm -f "$classes_dir/dev/ingot/cuda/ingot.fatbin"
    echo "CUDA kernels skipped: $1; this build has no GPU backend"
    exit 0
}

compile() {
    nvcc=$(find_nvcc)
    [ -n "$nvcc" ] || skip_kernels "nvcc was not found"
    [ -n "$(find_compiler)" ] || skip_kernels "nvcc needs a C++ compiler and none was found"
    mkdir -p "$build_dir"
    # No contraction; a kernel that spills registers or keeps arrays in memory is an error.
    set -- -std=c++17 -fmad=false -Werror all-warnings -Xptxas -warn-spills,-warn-lmem-usage \
        "-I$source_dir/src" "-I$source_dir/include" "-I$source_dir/../native/include"
    known=$("$nvcc" --list-gpu-code)
    names=
    for each in $architectures; do
        if echo "$known" | grep -qx "sm_$each"; then
            set -- "$@" -gencode "arch=compute_$each,code=sm_$each"
            names="$names sm_$each"
            newest=$each
        else
            echo "CUDA kernels: this nvcc cannot compile for sm_$each"
        fi
    done
    [ -n "$names" ] || skip_kernels "$nvcc knows none of these GPUs"
    set -- "$@" -gencode "arch=compute_$newest,code=compute_$newest"
    # All kernels as one translation unit: a fatbin holds one binary per architecture.
    for each in "$source_dir"/src/*.cu; do
        echo "#include \"$each\""
    done >"$build_dir/ingot.cu"
    key=$({
        "$nvcc" --version
        echo "$*"
        find "$source_dir/src" "$source_dir/include" "$source_dir/../native/include" -type f | LC_ALL=C sort |
            while IFS= read -r each; do
                echo "$each"
                cat "$each"
            done
    } | cksum)
    if [ ! -f "$build_dir/ingot.fatbin" ] || [ "$key" != "$(cat "$build_dir/ingot.fatbin.key" 2>/dev/null)" ]; then
        echo "CUDA kernels: compiling for$names and PTX with $nvcc"
        "$nvcc" --threads 2 "$@" -fatbin "$build_dir/ingot.cu" -o "$build_dir/ingot.fatbin" || {
            echo "error: $nvcc cannot compile the CUDA kernels, as it says above" >&2
            echo "hint: build without them, for CPUs alone: set the environment variable NVCC=none" >&2
            exit 1
        }
        echo "$key" >"$build_dir/ingot.fatbin.key"
    fi
    target="$classes_dir/dev/ingot/cuda"
    mkdir -p "$target"
    cmp -s "$build_dir/ingot.fatbin" "$target/ingot.fatbin" || cp "$build_dir/ingot.fatbin" "$target/ingot.fatbin"
}

skip_shim() {
    echo "CUDA host shim skipped: $1; the GPU backend cannot be tested"
    exit 0
}

configure() {
    [ "$(uname -s)" = Linux ] || skip_shim "only Linux is supported, this is $(uname -s)"
    command -v cmake >/dev/null 2>&1 || skip_shim "cmake was not found"
    compiler=$(find_compiler)
    [ -n "$compiler" ] || skip_shim "no C++ compiler was found"
    command -v make >/dev/null 2>&1 || command -v ninja >/dev/null 2>&1 || skip_shim "neither make nor ninja was found"
    [ ! -f "$build_dir/CMakeCache.txt" ] || return 0
    generator="Unix Makefiles"
    command -v ninja >/dev/null 2>&1 && generator=Ninja
    mkdir -p "$build_dir"
    CXX=$compiler cmake -S "$source_dir" -B "$build_dir" -G "$generator" >"$build_dir/configure.log" 2>&1 || {
        cat "$build_dir/configure.log" >&2
        exit 1
    }
}

case $action in
    compile)
        classes_dir=$3
        compile
        ;;
    shim)
        configure
        cmake --build "$build_dir" --target ingot_cuda_shim --parallel 2
        ;;
    test)
        configure
        cmake --build "$build_dir" --parallel 2
        exec ctest --test-dir "$build_dir" --output-on-failure -j 2
        ;;
    *)
        echo "error: unknown action $action" >&2
        exit 2
        ;;
esac
