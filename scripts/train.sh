#!/usr/bin/env bash
# Trains the shipped networks again. The same machine makes the same files, byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."
nernst=${CARGO_TARGET_DIR:-target}/release/nernst

"$nernst" train --coding rate    --bits 4 -o networks/digits/mlp-128-rate-int4.json
"$nernst" train --coding rate    --bits 8 -o networks/digits/mlp-128-rate-int8.json
"$nernst" train --coding latency --bits 4 -o networks/digits/mlp-128-latency-int4.json
"$nernst" train --coding latency --bits 8 -o networks/digits/mlp-128-latency-int8.json
"$nernst" train --coding rate    --bits 4 --hidden 32 --epochs 150 --shift 0.1 --noise 0.5 -o networks/digits/mlp-32-rate-int4.json
"$nernst" train --coding rate    --bits 4 --activity-penalty 0.015 --name mlp-128-sparse-int4 -o networks/digits/mlp-128-sparse-int4.json
"$nernst" train --coding rate    --bits 4 --recurrent --shift 0.1 --noise 0.5 -o networks/digits/rnn-128-rate-int4.json
"$nernst" train --layers "conv 8 3x3 stride 2 pad 1, conv 16 3x3 pad 1, 10" --grain neuron --shift 0.1 --noise 0.5 -o networks/digits/conv-8-16-rate-int4.json
