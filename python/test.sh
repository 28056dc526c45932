#!/usr/bin/env bash
# Builds the Python package as a wheel, installs it in an environment of its own in .tools, and tests it. `python/test.sh torch` does so with torch
# (4 GB, for PyPI's torch for Linux brings CUDA along) and runs the example, too. PROFILE is cargo's: `release`, `test` or `dev`.
set -euo pipefail
cd "$(dirname "$0")/.."
torch=${1:-}
tools=.tools/python${torch:+-$torch}

if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    echo "python: python3 with venv is missing here; \`make setup\` installs it" >&2
    exit 1
fi
if ! cat python/requirements*.txt | cmp -s - "$tools/installed.txt"; then
    echo "python: installing $(grep -v '^#' python/requirements.txt | tr '\n' ' ')${torch:+and torch }in $tools"
    python3 -m venv --clear "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check --requirement python/requirements.txt
    if [ -n "$torch" ]; then
        "$tools/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement python/requirements-torch.txt
    fi
    cat python/requirements*.txt > "$tools/installed.txt"
fi

wheels="${CARGO_TARGET_DIR:-target}/wheels"
rm -f "$wheels"/nernst-*.whl
profile=${PROFILE:-release}
if [ "$profile" = test ]; then
    # As fast as the tests. By its own name cargo would make a test program of it.
    profile=dev
    export CARGO_PROFILE_DEV_OPT_LEVEL=2
fi
"$tools/bin/maturin" build --quiet --locked --profile "$profile" --manifest-path python/Cargo.toml --interpreter "$tools/bin/python" --out "$wheels"
"$tools/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$wheels"/nernst-*.whl

export PYTHONDONTWRITEBYTECODE=1
# The stubs say what the module has.
"$tools/bin/stubtest" --ignore-disjoint-bases nernst._nernst
if [ -z "$torch" ]; then
    "$tools/bin/pytest" --config-file python/pyproject.toml -p no:cacheprovider python/tests --ignore python/tests/training --doctest-glob='*.md' docs/python.md
else
    "$tools/bin/mypy" --strict --cache-dir "${CARGO_TARGET_DIR:-target}/mypy" python/package/nernst/torch.py
    "$tools/bin/pytest" --config-file python/pyproject.toml -p no:cacheprovider python/tests
    "$tools/bin/python" python/examples/digits.py
fi
