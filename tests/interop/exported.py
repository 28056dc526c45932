"""Does the Python package `nir` read what `nernst export` makes of the shipped networks, weight by weight?

    exported.py NERNST FOLDER
"""

import json
import pathlib
import subprocess
import sys

import nir
import numpy as np

assert nir.version == "1.0.8", f"this is nir {nir.version}, not 1.0.8"
nernst, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
ONE, DT = 512, 1e-4


def equal(what, ours, expected):
    ours, expected = np.broadcast_arrays(np.asarray(ours, float), np.asarray(expected, float))
    if not np.allclose(ours, expected, rtol=1e-6, atol=0):
        sys.exit(f"{what} is {ours}, and should be {expected}")


def check(path):
    network = json.loads(path.read_text())
    if not str(network.get("format", "")).startswith("nernst network"):
        return False
    output = folder / (path.stem + ".nir")
    subprocess.run([nernst, "export", path, "--output", output], check=True, capture_output=True)
    graph = nir.read(output)
    before, edges = "input", set()
    for number, layer in enumerate(network["layers"], 1):
        name = lambda kind: f"{kind}{number}"
        where = lambda field: f"{path.name}: {field} of layer {number}"
        fc, lif = graph.nodes[name("fc")], graph.nodes[name("lif")]
        weights = np.array(layer["weights"], float)
        equal(where("weight"), fc.weight, weights)
        edges |= {(before, name("fc")), (name("fc"), name("lif"))}
        if layer.get("recurrent"):
            equal(where("recurrent weight"), graph.nodes[name("rec")].weight, layer["recurrent"])
            edges |= {(name("lif"), name("rec")), (name("rec"), name("lif"))}
        shape = (weights.shape[0],)
        # From the threshold on there, above it here: weights are whole.
        equal(where("threshold"), lif.v_threshold, np.full(shape, layer["threshold"] - 0.5))
        equal(where("v_reset"), lif.v_reset, np.zeros(shape))
        if layer["leak"] == ONE:
            equal(where("r"), lif.r, np.full(shape, 1 / DT))
        else:
            r = ONE / (ONE - layer["leak"])
            equal(where("r"), lif.r, np.full(shape, r))
            equal(where("tau"), lif.tau, np.full(shape, r * DT))
            equal(where("v_leak"), lif.v_leak, np.zeros(shape))
        before = name("lif")
    edges.add((before, "output"))
    if set(graph.edges) != edges:
        sys.exit(f"{path.name}: other edges: {set(graph.edges) ^ edges}")
    return True


paths = sorted((pathlib.Path(__file__).parents[2] / "networks/digits").glob("*.json"))
count = sum(map(check, paths))
assert count >= 5, f"only {count} networks"
print(f"nir {nir.version} reads {count} networks that `nernst export` wrote, with the same weights, thresholds and time constants")
