#!/usr/bin/env bash
# Runs every shipped network on the RTL and prints the README's table.
# Usage: scripts/table.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
nernst=${CARGO_TARGET_DIR:-target}/release/nernst

mkdir -p "$folder"
run() { "$nernst" run --network "networks/digits/$1.json" --config "$2" --port virtual --json "$folder/$1.json" >&2; }
run mlp-128-rate-int4 25f
run mlp-128-rate-int8 25f-int8
run mlp-128-latency-int4 25f
run mlp-128-latency-int8 25f-int8
run mlp-128-sparse-int4 25f
run mlp-32-rate-int4 tiny
run rnn-128-rate-int4 25f
python3 scripts/table.py "$folder"/*.json
