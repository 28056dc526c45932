#!/usr/bin/env bash
# snnTorch's networks as the array computes them: imported, rounded to INT8 and INT4, trained again, and run on the RTL with
# the 360 digits that they did not train on. Prints the README's table: accuracies of the RTL, but for the floating point.
# Usage: scripts/imports.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
nernst=${NERNST_BIN:-${CARGO_TARGET_DIR:-target}/release/nernst}
test=(--data host/tests/data/digits-sklearn-test.csv.gz --all)
train=(--train-data host/tests/data/digits-sklearn-train.csv.gz)

mkdir -p "$folder"
# File, name of what is made of it, configuration (or one that is made for it, where it does not fit), options of `nernst import`. Prints the accuracy of every spike on the RTL;
# fails where one differs from the model's.
accuracy() {
    local file=nir/tests/data/$1.nir made=$folder/$1-$2 config=$3
    "$nernst" import "$file" --code rate-16 "${test[@]}" "${@:4}" --output "$made.json" > "$made.txt"
    "$nernst" compile "$made.json" --config "$config" --output "$made.image" > /dev/null 2>&1 || {
        config=$made.toml
        "$nernst" fit "$made.json" --board ulx3s-45f --output "$config" >&2
    }
    "$nernst" run --network "$made.json" --config "$config" --port virtual "${test[@]}" --json "$made.run.json" >&2
    python3 -c 'import json, sys; run = json.load(open(sys.argv[1])); print("%.2f %%" % (100 * run["accuracy"]))' "$made.run.json"
}

echo "| | floating point | INT8 | INT4, not trained again | INT4, \`--tune\` |"
echo "|---|---:|---:|---:|---:|"
for file in snntorch_mlp_fp32 snntorch_mlp_qat4 snntorch_conv snntorch_rec; do
    int8=$(accuracy $file int8 25f-int8 --bits 8)
    int4=$(accuracy $file int4 25f --bits 4)
    tuned=$(accuracy $file tuned 25f --bits 4 "${train[@]}" --tune)
    float=$(sed -n 's/^accuracy in floating point: \([0-9.]* %\).*/\1/p' "$folder/$file-int8.txt")
    echo "| \`$file.nir\` | $float | $int8 | $int4 | $tuned |"
done
