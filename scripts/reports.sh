#!/usr/bin/env bash
# Synthesises, places and routes every line of the README's table of boards, keeps the reports in reports/ and prints the table.
# Usage: scripts/reports.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
nernst=${CARGO_TARGET_DIR:-target}/release/nernst

report() {
    local board=$1 config=$2
    shift 2
    echo "reports: $config for $board" >&2
    "$nernst" synth --board "$board" --config "$config" "$@" \
        --output "$folder/$board-$config" --report "reports/$board-$config.json" >&2
}
report ulx3s-25f 25f --seed 6 --tries 3 --nextpnr-arg=--tmg-ripup
report ulx3s-25f 25f-chained --tries 3
report ulx3s-85f 85f --seed 2 --tries 2
report colorlight-i5 25f --tries 3
report colorlight-i9 25f --seed 2 --tries 3
report ecp5-evn tiny --freq 48
python3 scripts/boards.py reports/*-*.json
