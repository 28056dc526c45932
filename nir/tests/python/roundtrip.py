"""What the Python package `nir` 1.0.8 says of files, on both sides of this crate.

    roundtrip.py generate FOLDER   writes every_type.nir, sloppy.nir, huge.nir, endless.nir and recording.h5 for our reader
    roundtrip.py check FOLDER      reads what our writer made, and compares every field

The same graphs and recordings are built in tests/common/mod.rs.
"""

import pathlib
import sys

import h5py
import nir
import numpy as np


def ramp(shape, start, step, dtype=np.float32):
    """Numbers that differ from each other and are exact in binary."""
    return (start + step * np.arange(np.prod(shape, dtype=int))).reshape(shape).astype(dtype)


def every_type():
    """A graph with all 19 types, in shapes that fit."""
    nested = nir.NIRGraph(
        nodes={
            "input": nir.Input(np.array([3])),
            "lif": nir.LIF(
                tau=ramp(3, 0.25, 0.5),
                r=ramp(3, 1, 1),
                v_leak=ramp(3, 0, 0.125),
                v_threshold=ramp(3, 1, 0.5),
                v_reset=ramp(3, -1, 0.25),
            ),
            "w_rec": nir.Affine(weight=ramp((3, 3), -1, 0.25), bias=ramp(3, 0.5, 0.5)),
            "output": nir.Output(np.array([3])),
        },
        edges=[("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")],
        metadata={"author": "inner"},
    )
    nodes = {
        "input": nir.Input(np.array([2, 6, 6])),
        "conv": nir.Conv2d(
            input_shape=(6, 6),
            weight=ramp((4, 2, 3, 3), -2, 0.125),
            stride=(1, 1),
            padding=(1, 1),
            dilation=(1, 1),
            groups=1,
            bias=ramp(4, 0, 0.5),
        ),
        "sum": nir.SumPool2d(kernel_size=np.array([2, 2]), stride=np.array([2, 2]), padding=np.array([0, 0])),
        "avg": nir.AvgPool2d(kernel_size=np.array([3, 3]), stride=np.array([1, 1]), padding=np.array([1, 1])),
        "flatten": nir.Flatten(input_type={"input": np.array([4, 3, 3])}, start_dim=0, end_dim=-1),
        # Not exact in single precision.
        "linear": nir.Linear(weight=ramp((5, 36), -0.9, 0.01, np.float64)),
        "scale": nir.Scale(scale=ramp(5, 1, 0.5)),
        "delay": nir.Delay(delay=ramp(5, 0, 0.125)),
        "threshold": nir.Threshold(threshold=ramp(5, 0.5, 0.25)),
        "i": nir.I(r=ramp(5, 1, 1)),
        "if": nir.IF(r=ramp(5, 1, 0.5), v_threshold=ramp(5, 1, 0.25), v_reset=ramp(5, 0, -0.5)),
        "li": nir.LI(tau=ramp(5, 1, 0.5), r=ramp(5, 2, 1), v_leak=ramp(5, 0, 0.25)),
        "affine": nir.Affine(weight=ramp((3, 5), -1, 0.25), bias=ramp(3, 0, 1)),
        "cuba_li": nir.CubaLI(
            tau_syn=ramp(3, 1, 1), tau_mem=ramp(3, 2, 1), r=ramp(3, 3, 1), v_leak=ramp(3, 4, 1), w_in=ramp(3, 5, 1)
        ),
        "cuba_lif": nir.CubaLIF(
            tau_syn=ramp(3, 1, 1),
            tau_mem=ramp(3, 2, 1),
            r=ramp(3, 3, 1),
            v_leak=ramp(3, 4, 1),
            v_threshold=ramp(3, 5, 1),
            v_reset=ramp(3, 6, 1),
            w_in=ramp(3, 7, 1),
        ),
        "nested": nested,
        "output": nir.Output(np.array([3])),
        "line_input": nir.Input(np.array([1, 10])),
        "line_conv": nir.Conv1d(
            input_shape=10, weight=ramp((2, 1, 3), 0, 0.5), stride=2, padding="valid", dilation=1, groups=1, bias=ramp(2, 0, 1)
        ),
        "line_output": nir.Output(np.array([2, 4])),
    }
    nodes["cuba_lif"].metadata = {"note": "of a node", "ramp": ramp(2, 0, 1)}
    chain = ["input", "conv", "sum", "avg", "flatten", "linear", "scale", "delay", "threshold", "i", "if", "li", "affine"]
    chain += ["cuba_li", "cuba_lif", "nested", "output"]
    edges = list(zip(chain, chain[1:])) + [("line_input", "line_conv"), ("line_conv", "line_output")]
    return nir.NIRGraph(nodes=nodes, edges=edges, metadata={"author": "outer", "deep": {"answer": 42.0}})


def mixed():
    """What our writer makes of parameters that are partly single values: one for each neuron."""
    lif = nir.LIF(
        tau=np.full(3, 0.5, np.float32),
        r=np.full(3, 2, np.float32),
        v_leak=np.zeros(3, np.float32),
        v_threshold=ramp(3, 1, 0.5),
        v_reset=np.zeros(3, np.float32),
    )
    nodes = {"input": nir.Input(np.array([3])), "lif": lif, "output": nir.Output(np.array([3]))}
    return nir.NIRGraph(nodes=nodes, edges=[("input", "lif"), ("lif", "output")])


def write_sloppy(path):
    """Everything that the reader tolerates, as exporters and old versions wrote it."""

    def put(group, kind, **fields):
        group.create_dataset("type", data=np.bytes_(kind))  # of fixed length
        for name, value in fields.items():
            group.create_dataset(name, data=value)

    with h5py.File(path, "w") as f:  # without a version
        graph = f.create_group("node")
        put(graph, "NIRGraph")
        names = [("input", "conv"), ("conv", "pool"), ("pool", "if"), ("if", "flatten"), ("flatten", "linear"), ("linear", "lif")]
        names += [("lif", "cuba"), ("cuba", "output"), ("input", "conv")]  # one is there twice
        graph.create_dataset("edges", data=np.array(names, dtype="S"))
        nodes = graph.create_group("nodes")
        put(nodes.create_group("input"), "Input", shape=np.array([1, 1, 8, 8], np.int32))
        weight = ramp((2, 1, 3, 3), 0, 1, np.int64)
        # No input_shape; numbers instead of pairs.
        put(nodes.create_group("conv"), "Conv2d", weight=weight, stride=1, padding=1, dilation=1, groups=1, bias=0.0)
        put(nodes.create_group("pool"), "AvgPool2d", kernel_size=2, stride=np.array([2]), padding="valid")
        put(nodes.create_group("if"), "IF", r=np.float32(1), v_threshold=np.float32(0.5))
        put(nodes.create_group("flatten"), "Flatten", start_dim=0, end_dim=-1)
        linear = nodes.create_group("linear")
        put(linear, "Linear")
        weights = ramp((3, 32), 0, 0.25)
        linear.create_dataset("weight", data=weights, chunks=(2, 5), compression="gzip", shuffle=True)
        put(nodes.create_group("lif"), "LIF", tau=0.5, r=np.array([2.0]), v_leak=0.0, v_threshold=ramp(3, 1, 1, np.float64))
        put(nodes.create_group("cuba"), "CubaLIF", tau_syn=0.5, tau_mem=0.25, r=1.0, v_leak=0.0, v_threshold=1.0)
        put(nodes.create_group("output"), "Output", shape=3)


def write_hostile(folder):
    """Small files that claim to hold more than any memory does."""
    with h5py.File(folder / "huge.nir", "w", libver="latest") as f:
        graph = f.create_group("node")
        graph.create_dataset("type", data="NIRGraph")
        graph.create_dataset("nodes/fc/weight", shape=(1 << 30, 1 << 20), dtype=np.float32)  # never written
    with h5py.File(folder / "endless.nir", "w", libver="latest") as f:
        graph = f.create_group("node")
        graph.create_dataset("type", data="NIRGraph")
        graph.create_group("nodes")["self"] = graph


def recording():
    spikes = nir.EventData(
        idx=np.array([[2, 0, 1], [1, -1, -1]]), time=np.array([[0.0005, 0.0035, 0.0035], [0.0025, np.inf, np.inf]]), n_neurons=3, t_max=0.004
    )
    grid = np.zeros((2, 4, 3), dtype=bool)
    grid[0, 0, 2] = grid[0, 3, 0] = grid[0, 3, 1] = grid[1, 2, 1] = True
    voltage = nir.TimeGriddedData(data=ramp((2, 4, 3), -1, 0.125), dt=0.001)
    node = nir.NIRNodeData({"spikes": spikes, "v": voltage})
    return nir.NIRGraphData({"lif": node, "grid": nir.NIRNodeData({"spikes": nir.TimeGriddedData(data=grid, dt=0.001)})})


def differences(ours, theirs, path=""):
    """Where two nested dictionaries differ, as text."""
    if isinstance(theirs, dict):
        if set(ours) != set(theirs):
            yield f"{path}: {sorted(ours)} instead of {sorted(theirs)}"
            return
        for key in theirs:
            yield from differences(ours[key], theirs[key], f"{path}/{key}")
    elif path.endswith("/edges"):
        if sorted(map(tuple, ours)) != sorted(theirs):
            yield f"{path}: {ours} instead of {theirs}"
    else:
        text = lambda value: value.decode() if isinstance(value, bytes) else value
        ours, theirs = np.asarray(text(ours)), np.asarray(text(theirs))
        if ours.shape != theirs.shape or not np.array_equal(ours, theirs):
            yield f"{path}: {ours!r} instead of {theirs!r}"


def check(folder):
    wrong = []
    for name, graph in {"every_type.nir": every_type(), "mixed.nir": mixed()}.items():
        wrong += [f"{name}: {line}" for line in differences(nir.read(folder / name).to_dict(), graph.to_dict())]
        if nir.serialization.read_version(folder / name) != "1.0.8":
            wrong.append(f"{name}: version")
    # What the package itself refuses as it stands in sloppy.nir; reading it checks all shapes.
    lif = nir.read(folder / "repaired.nir").nodes["lif"]
    if not np.array_equal(lif.r, [2, 2, 2]):
        wrong.append(f"repaired.nir: {lif.r}")
    data, expected = nir.read_data(folder / "recording.h5"), recording()
    if data.nodes.keys() != expected.nodes.keys():
        wrong.append(f"recording.h5: {data.nodes.keys()}")
    for name, node in expected.nodes.items():
        for observable, values in node.observables.items():
            ours = data.nodes[name].observables[observable]
            if type(ours) is not type(values):
                wrong.append(f"recording.h5: {name}/{observable} is a {type(ours)}")
            wrong += [f"recording.h5: {line}" for line in differences(vars(ours), vars(values), f"{name}/{observable}")]
    grid = data.nodes["grid"].observables["spikes"]
    if grid.data.dtype != bool:
        wrong.append(f"recording.h5: the grid is {grid.data.dtype}")
    if not np.array_equal(data.nodes["lif"].observables["spikes"].to_time_gridded(0.001).data, grid.data):
        wrong.append("recording.h5: the events are not those of the grid")
    # 1,000 events in steps that rounding moves, if they are at the beginning.
    trap = nir.read_data(folder / "trap.h5").nodes["n"].observables["spikes"].to_time_gridded(1e-4).data
    if not np.array_equal(trap[0], np.eye(1000, dtype=bool)):
        wrong.append("trap.h5: events are in other steps")
    # A recurrent network that this crate read and wrote again.
    if sorted(nir.read(folder / "snntorch_rec.nir").nodes) != ["fc1", "fc2", "input", "lif1.lif", "lif1.w_rec", "lif2", "output"]:
        wrong.append("snntorch_rec.nir: other nodes")
    print("\n".join(wrong) or f"nir {nir.version} reads what was written")
    return not wrong


def generate(folder):
    nir.write(folder / "every_type.nir", every_type())
    write_sloppy(folder / "sloppy.nir")
    write_hostile(folder)
    nir.write_data(folder / "recording.h5", recording())


if __name__ == "__main__":
    assert nir.version == "1.0.8", f"this is nir {nir.version}, not 1.0.8"
    command, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if command == "generate":
        generate(folder)
    elif not check(folder):
        sys.exit(1)
