#!/usr/bin/env bash
# Installs what `make test` needs beyond cargo: the FPGA tools and Snakemake as Python wheels in .tools, iverilog and Verilator
# from the distribution. Does nothing where all is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v iverilog >/dev/null || missing+=(iverilog)
command -v verilator >/dev/null || missing+=(verilator)
command -v g++ >/dev/null || missing+=(g++)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "setup: please install ${missing[*]} with your system's package manager, then run this again" >&2
        exit 1
    fi
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "setup: installing ${missing[*]}"
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

if ! cmp -s scripts/tools.txt .tools/installed.txt; then
    echo "setup: installing $(grep -v '^#' scripts/tools.txt | tr '\n' ' ')in .tools"
    python3 -m venv .tools
    .tools/bin/pip install --quiet --disable-pip-version-check --requirement scripts/tools.txt
    # The pyosys wheel is a library; this makes it the command that the flow looks for.
    { echo "#!$PWD/.tools/bin/python3"; tail -n +2 scripts/yosys.py; } > .tools/bin/yosys
    chmod +x .tools/bin/yosys
    cp scripts/tools.txt .tools/installed.txt
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "setup: Snakemake, for \`make sweep\`, is not installed: it needs Python 3.11, this is $(python3 --version)" >&2
elif ! cmp -s workflow/requirements.txt .tools/snakemake/installed.txt; then
    echo "setup: installing $(grep '^snakemake==' workflow/requirements.txt) in .tools/snakemake"
    python3 -m venv .tools/snakemake
    .tools/snakemake/bin/pip install --quiet --disable-pip-version-check --requirement workflow/requirements.txt
    cp workflow/requirements.txt .tools/snakemake/installed.txt
fi
echo "setup: $(.tools/bin/yosys -V), nextpnr-ecp5 and ecppack in .tools; $(iverilog -V 2>/dev/null | head -1); $(verilator --version)"
