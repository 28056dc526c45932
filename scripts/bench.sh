#!/usr/bin/env bash
# Measures the array's RTL, keeps JSON and plots in reports/, and prints the tables. Counts of clocks: every machine makes the same files.
set -euo pipefail
cd "$(dirname "$0")/.."
nernst=${CARGO_TARGET_DIR:-target}/release/nernst

"$nernst" bench array --config tiny,tiny-int8,25f,25f-int8,25f-contexts,25f-banked,85f --end-to-end 20 --json reports/array.json --roofline reports/roofline.svg
echo
"$nernst" bench growth --json reports/growth.json --plot reports/growth.svg
echo
echo "Placed and routed (make reports):"
echo
python3 scripts/boards.py reports/*-*.json
echo
"$nernst" bench peers
