#!/bin/sh
# Digits on the netlists that synthesis makes of tiny and 25f, against the reference model: reports/netlist-*.json.
# The line is as fast as a UART takes it, so that loading a network is not most of what is simulated.
set -eu
out="$1"
nernst="${NERNST_BIN:-target/release/nernst}"
mkdir -p "$out"
for config in tiny 25f; do
    clock=$(sed -n 's/^clock_hz = \([0-9_]*\).*/\1/p' "spec/configs/$config.toml" | tr -d _)
    sed "s/^baud = .*/baud = $((clock / 4))/" "spec/configs/$config.toml" > "$out/$config.toml"
    "$nernst" synth --board ulx3s-25f --config "$out/$config.toml" --stop-after yosys --output "$out/$config"
    "$nernst" bench netlist --netlist "$out/$config/yosys.json" --config "$out/$config.toml" --json "reports/netlist-$config.json"
done
