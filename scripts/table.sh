#!/usr/bin/env bash
# Runs every shipped network on the RTL, prices what it counted, and prints the README's table.
# Usage: scripts/table.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
nernst=${CARGO_TARGET_DIR:-target}/release/nernst
# Every table of prices of single operations: the range over them is what is known.
prices=(--prices ecp5 --prices loihi --prices horowitz-45nm --prices cortex)

mkdir -p "$folder"
files=()
# Name, configuration, options of `nernst run`.
run() {
    local name=$1-${3:-event}
    "$nernst" run --network "networks/digits/$1.json" --config "$2" --port virtual ${3:+--$3} --json "$folder/$name.json" >&2
    "$nernst" ledger "$folder/$name.json" "${prices[@]}" --json "$folder/$name.bill.json" > /dev/null
    files+=("$folder/$name.json" "$folder/$name.bill.json")
}
run mlp-128-rate-int4 25f
run mlp-128-rate-int4 25f dense
run mlp-128-sparse-int4 25f
run mlp-128-latency-int4 25f
run mlp-128-latency-int4 25f dense
run mlp-128-rate-int8 25f-int8
run mlp-128-latency-int8 25f-int8
run rnn-128-rate-int4 25f
run mlp-32-rate-int4 tiny
python3 scripts/table.py "${files[@]}"
