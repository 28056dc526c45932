#!/usr/bin/env bash
# Trains 64-128-10 in rate code at four bits with five seeds, once with a step between integers for each layer and once for each neuron, and prints test accuracy
# and processor time as a table.
# Usage: scripts/seeds.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
nernst=${NERNST_BIN:-${CARGO_TARGET_DIR:-target}/release/nernst}

mkdir -p "$folder"
TIMEFORMAT="%U %R"
for grain in layer neuron; do
    for seed in 0 1 2 3 4; do
        file=$folder/$grain-$seed.json
        took=$({ time "$nernst" train --grain "$grain" --seed "$seed" --quiet --output "$file" > /dev/null; } 2>&1)
        echo "$grain $seed $took $file"
    done
done | python3 -c '
import json, statistics, sys
print("| step between integers of a | seed | test accuracy of the INT4 integers | processor time | wall time |")
print("|---|---:|---:|---:|---:|")
accuracies = {}
for line in sys.stdin:
    grain, seed, user, wall, file = line.split()
    accuracy = 100 * json.load(open(file))["provenance"]["test_accuracy"]
    accuracies.setdefault(grain, []).append(accuracy)
    print(f"| {grain} | {seed} | {accuracy:.2f} % | {float(user):.1f} s | {float(wall):.1f} s |", flush=True)
for grain, of in accuracies.items():
    print(f"| {grain} | median | {statistics.median(of):.2f} % | | |")
'
