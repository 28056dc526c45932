#!/usr/bin/env bash
# The demonstration: a shipped network, all test digits, the virtual board behind a serial port, plots.
# Usage: scripts/demo.sh NETWORK CONFIG FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
network=$1 config=$2 folder=$3
nernst=${CARGO_TARGET_DIR:-target}/release/nernst

mkdir -p "$folder"
"$nernst" run --network "$network" --config "$config" --port virtual --json "$folder/run.json" \
    --trace "$folder/digit.json" --trace-sample 0 > "$folder/summary.txt"
"$nernst" plot "$folder/digit.json" "$folder/run.json" --output "$folder"
cat "$folder/summary.txt"
