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


def dense(projection, shape):
    """The weights of a projection, a row for each neuron."""
    if "weights" in projection:
        return np.array(projection["weights"], float)
    weights = np.zeros(shape)
    for source, *synapses in projection["sparse"]:
        weights[synapses[0::2], source] = synapses[1::2]
    return weights


def check(path):
    network = json.loads(path.read_text())
    if not str(network.get("format", "")).startswith("nernst network"):
        return False
    output = folder / (path.stem + ".nir")
    subprocess.run([nernst, "export", path, "--output", output], check=True, capture_output=True)
    graph = nir.read(output)
    neurons = {"input": network["inputs"]}
    edges = {(network["output"], "output")}
    for population in network["populations"]:
        name, count = population["name"], population["neurons"]
        neurons[name] = count
        lif = graph.nodes[name]
        where = lambda field: f"{path.name}: {field} of {name}"
        # From the threshold on there, above it here: weights are whole.
        equal(where("threshold"), lif.v_threshold, np.broadcast_to(population["threshold"], count) - 0.5)
        equal(where("v_reset"), lif.v_reset, np.zeros(count))
        if population["leak"] == ONE:
            equal(where("r"), lif.r, np.full(count, 1 / DT))
        else:
            r = ONE / (ONE - np.asarray(population["leak"]))
            equal(where("r"), lif.r, np.full(count, r))
            equal(where("tau"), lif.tau, np.full(count, r * DT))
            equal(where("v_leak"), lif.v_leak, np.zeros(count))
    for projection in network["projections"]:
        source, target = projection.get("from", "input"), projection["to"]
        name = f"{source}_{target}"
        expected = dense(projection, (neurons[target], neurons[source]))
        equal(f"{path.name}: weight of {name}", graph.nodes[name].weight, expected)
        edges |= {(source, name), (name, target)}
    if set(graph.edges) != edges:
        sys.exit(f"{path.name}: other edges: {set(graph.edges) ^ edges}")
    return True


paths = sorted((pathlib.Path(__file__).parents[2] / "networks/digits").glob("*.json"))
count = sum(map(check, paths))
assert count >= 5, f"only {count} networks"
print(f"nir {nir.version} reads {count} networks that `nernst export` wrote, with the same weights, thresholds and time constants")
