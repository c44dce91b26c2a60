#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times whole merges beside the floor of the same bytes: bench/e2e/run.sh --data DIR [options], see bench/README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../jdk.sh"
exec "$JAVA" -Xmx128m -XX:+UseSerialGC -Dbench.root="$(dirname "$(dirname "$here")")" "$here/Run.java" "$@"
