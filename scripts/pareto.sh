#!/usr/bin/env bash
# Trains one network with a series of energy penalties, counts on the reference model what each does, and writes the table of it as JSON and Markdown.
# Usage: scripts/pareto.sh FOLDER REPORT   (makes REPORT.json and REPORT.md)
# PRICES, TICKS, PENALTIES, CONFIG and OPTIONS (of `nernst train`) may be set.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 report=$2
nernst=${NERNST_BIN:-${CARGO_TARGET_DIR:-target}/release/nernst}
prices=${PRICES:-ecp5}
config=${CONFIG:-25f}
options=${OPTIONS:---grain neuron}

mkdir -p "$folder"
files=()
for ticks in ${TICKS:-16 8 4}; do
    for penalty in ${PENALTIES:-0 0.005 0.02 0.04 0.08}; do
        name=$folder/$ticks-$penalty
        # Options are words.
        # shellcheck disable=SC2086
        "$nernst" train $options --ticks "$ticks" --energy-penalty "$penalty" --prices "$prices" --config "$config" --output "$name.network.json" >&2
        "$nernst" run --network "$name.network.json" --config "$config" --port model --json "$name.run.json" > /dev/null
        "$nernst" ledger "$name.run.json" --prices "$prices" --json "$name.bill.json" > /dev/null
        files+=("$penalty" "$name.network.json" "$name.run.json" "$name.bill.json")
    done
done
python3 scripts/pareto.py "$prices" "$report" "${files[@]}"
