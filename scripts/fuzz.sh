#!/usr/bin/env bash
# Coverage-guided fuzzing of the link's decoders with cargo-fuzz: RUNS executions of each target of fuzz/, from its corpus on.
# Writes how many there were and how much code they reached to REPORT. A crash is left in fuzz/artifacts, and fails.
#
#     scripts/fuzz.sh RUNS REPORT
#     scripts/fuzz.sh --shrink      puts what was found into the corpus, and leaves of it what reaches all that code
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.12.0
targets="frames messages spikes"
# Longer than the longest frame in COBS code, so that there are too long ones.
longest=900
# Flags of the instrumentation are not stable ones; what is fuzzed is safe code, which a sanitizer would only slow down.
export RUSTC_BOOTSTRAP=1
if ! .tools/cargo-fuzz/bin/cargo-fuzz --version 2>/dev/null | grep -q " $version$"; then
    echo "fuzz: installing cargo-fuzz $version in .tools/cargo-fuzz"
    cargo install --quiet cargo-fuzz --version "$version" --locked --root .tools/cargo-fuzz
fi
# Built by that, in a folder of its own: its flags are other ones.
.tools/cargo-fuzz/bin/cargo-fuzz build --fuzz-dir fuzz --sanitizer none
programs=$(find fuzz/target -path '*/release/frames' -type f -perm -u+x -print -quit)
programs=${programs%/frames}

if [ "${1:-}" = --shrink ]; then
    for target in $targets; do
        small=$(mktemp -d)
        "$programs/$target" -set_cover_merge=1 -max_len=$longest "$small" "fuzz/corpus/$target" "fuzz/found/$target" 2>/dev/null
        rm -r "fuzz/corpus/$target"
        mkdir "fuzz/corpus/$target"
        cp "$small"/* "fuzz/corpus/$target"
        rm -r "$small"
        echo "$target: $(ls "fuzz/corpus/$target" | wc -l) inputs, $(cat "fuzz/corpus/$target"/* | wc -c) bytes"
    done
    exit
fi

runs=$1 report=$2
logs=$(mktemp -d)
trap 'rm -r "$logs"' EXIT
fuzz() {
    mkdir -p "fuzz/found/$1" "fuzz/artifacts/$1"
    "$programs/$1" -runs="$runs" -max_len=$longest -timeout=10 -seed=1 -print_final_stats=1 \
        -artifact_prefix="fuzz/artifacts/$1/" "fuzz/found/$1" "fuzz/corpus/$1" > "$logs/$1" 2>&1
}
export -f fuzz
export programs runs longest logs
# As many at once as there are processors.
if ! echo $targets | tr ' ' '\n' | xargs -P "$(nproc)" -I{} bash -c 'fuzz {} || { echo "{}:"; tail -n 20 "$logs/{}"; exit 1; }'; then
    echo "fuzz: a target failed; the input is in fuzz/artifacts, and its program runs it again when it is given as an argument" >&2
    exit 1
fi
number() { grep -o "$2 *[0-9]*" "$logs/$1" | tail -n 1 | grep -o '[0-9]*$'; }
{
    echo "{"
    for target in $targets; do
        [ "$target" = frames ] || echo ","
        printf '  "%s": {"executions": %s, "branches_reached": %s, "executions_per_second": %s}' "$target" \
            "$(number "$target" stat::number_of_executed_units:)" "$(number "$target" cov:)" \
            "$(number "$target" stat::average_exec_per_sec:)"
    done
    printf '\n}\n'
} > "$report"
cat "$report"
