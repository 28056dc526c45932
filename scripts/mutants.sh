#!/usr/bin/env bash
# Faults in the Rust of the spec crate and of the mapper, by cargo-mutants: which of them the tests see (reports/mutants-rust.json).
#
#   mutants.sh SHARE [FOLDER]
#
# One of SHARE faults is tried, evenly; 1 are all (some hours). FOLDER is where cargo-mutants works.
set -euo pipefail
cd "$(dirname "$0")/.."
share=${1:?one of how many faults}
folder=${2:-build/mutants}
tool=.tools/cargo-mutants
version=27.1.0
if ! "$tool/bin/cargo-mutants" --version 2> /dev/null | grep -qF "$version"; then
    cargo install --quiet --locked --root "$tool" --version "$version" cargo-mutants
fi
export PATH="$PWD/$tool/bin:$PATH"
mkdir -p "$folder"
try() { # NAME, and what cargo-mutants is told
    local name=$1
    shift
    # 2: some were not seen; 3: some ran into the time limit. Both are results, and nothing else is.
    cargo mutants --shard "0/$share" --sharding round-robin --profile mutants --jobs "${JOBS:-2}" --minimum-test-timeout 20 --no-times --colors never \
        --output "$folder/$name" "$@" || case $? in 2 | 3) ;; *) return 1 ;; esac
}
try spec --package nernst-spec
# Configurations made for networks, whose tests take longest, have them alone.
mapper=(--package nernst --file 'host/src/mapper.rs' --file 'host/src/mapper/*.rs')
try mapper "${mapper[@]}" --exclude host/src/mapper/fit.rs -- --lib mapper -- --skip mapper::fit
try mapper.fit --package nernst --file host/src/mapper/fit.rs -- --lib mapper::fit
report=$(python3 scripts/mutants.py "$share" "$folder")
echo "$report" > reports/mutants-rust.json
