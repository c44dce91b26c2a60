#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Stands in for Ingot to test the runner: null-merge.sh merge CONFIG OUT does what the floor does, so its ratio must be 1.
set -euo pipefail
if [ "$1" = --version ]; then echo "null merge" && exit; fi
mapfile -t models < <(sed -nE 's/^[ -]*(base_)?model: *([^ #]+).*/\2/p' "$2" | sort -u)
mkdir -p "$3"
for model in "${models[@]}"; do cat "$model"/*.safetensors; done > /dev/null
cp --reflink=never --sparse=never base/*.safetensors "$3"
