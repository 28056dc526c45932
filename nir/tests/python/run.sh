#!/bin/sh
# Checks against the Python package. Without NIR_PYTHON it makes a virtual environment with nir 1.0.8 in target/nir-python.
set -eu
cd "$(dirname "$0")/../.."
if [ -z "${NIR_PYTHON:-}" ]; then
    environment="${CARGO_TARGET_DIR:-$(pwd)/../target}/nir-python"
    NIR_PYTHON="$environment/bin/python"
    [ -x "$NIR_PYTHON" ] || python3 -m venv "$environment"
    "$NIR_PYTHON" -m pip install --quiet nir==1.0.8 h5py numpy
fi
export NIR_PYTHON
"${CARGO:-cargo}" test --package nernst-nir --test python -- --ignored --nocapture
"${CARGO:-cargo}" test --package nernst --test all -- --ignored spikes:: --nocapture
