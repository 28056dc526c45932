#!/usr/bin/env bash
# Measures the shipped digits networks with NeuroBench, in a Python environment of its own in .tools/neurobench (about
# 4 GB, for PyPI's torch for Linux brings CUDA along).
set -euo pipefail
cd "$(dirname "$0")/../.."
requirements=scripts/neurobench/requirements.txt
tools=.tools/neurobench

if ! cmp -s "$requirements" "$tools/installed.txt"; then
    echo "neurobench: installing $(grep '^neurobench==' "$requirements") and torch in $tools"
    python3 -m venv --clear "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$requirements"
    cp "$requirements" "$tools/installed.txt"
fi
PYTHONDONTWRITEBYTECODE=1 "$tools/bin/python3" scripts/neurobench/measure.py
