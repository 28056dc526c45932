#!/usr/bin/env bash
# Makes NIR files with the current frameworks, and lets `nernst inspect` understand them: the same answers as the frameworks' own, or the refusal
# that is expected. Then the Python package `nir` reads what `nernst export` makes of the shipped networks. `run.sh update` also puts
# the files in tests/interop/data, where `cargo test` finds them.
#
# Python is in an environment of its own in .tools/interop (6 GB, for PyPI's torch for Linux brings CUDA along).
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/interop
tools=.tools/interop
older=$tools/nir-1.0.4
files="${CARGO_TARGET_DIR:-target}/interop"

requirements() {
    cat scripts/neurobench/requirements.txt $here/requirements*.txt
}
if ! requirements | cmp -s - "$tools/installed.txt"; then
    echo "interop: installing torch and the frameworks in $tools"
    python3 -m venv --clear "$tools"
    install=("$tools/bin/pip" install --quiet --disable-pip-version-check --no-deps)
    "${install[@]}" --requirement $here/requirements.txt
    "${install[@]}" --target "$older" --requirement $here/requirements-nir-1.0.4.txt
    requirements > "$tools/installed.txt"
fi

export PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore
rm -rf "$files"
for framework in snntorch norse spikingjelly; do
    "$tools/bin/python3" "$here/${framework}_files.py" "$files"
done
for framework in sinabs rockpool; do
    PYTHONPATH="$older" "$tools/bin/python3" "$here/${framework}_files.py" "$files"
done

INTEROP_FILES="$(cd "$files" && pwd)" "${CARGO:-cargo}" test --quiet --package nernst --test all interop::
# The tool that these tests were run with.
"$tools/bin/python3" $here/exported.py "${CARGO_TARGET_DIR:-target}/debug/nernst" "$files/exported"

if [ "${1:-}" = update ]; then
    rm -f $here/data/*.nir $here/data/*.json
    cp "$files"/*.nir "$files"/*.json $here/data/
fi
