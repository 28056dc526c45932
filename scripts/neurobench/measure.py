"""Measures the shipped digits networks with NeuroBench's own metrics, prints a Markdown table of the means and writes
networks/digits/neurobench.json.

host/tests/all/neurobench.rs holds these numbers against the activity of the reference model, sample by sample.
"""

import contextlib
import io
import json
import pathlib

import neurobench
import torch
from neurobench.benchmarks import Benchmark
from neurobench.metrics.static import ConnectionSparsity, Footprint
from neurobench.metrics.workload import ActivationSparsity, ClassificationAccuracy, MembraneUpdates, SynapticOperations
from neurobench.models import SNNTorchModel
from neurobench.processors.postprocessors import ChooseMaxCount
from torch.utils.data import DataLoader, TensorDataset

import digits
from model import Network

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "networks/digits"
OUTPUT = FOLDER / "neurobench.json"
STATIC = [ConnectionSparsity, Footprint]
WORKLOAD = [ClassificationAccuracy, ActivationSparsity, MembraneUpdates, SynapticOperations]
COLUMNS = ["Effective_ACs", "Dense", "ActivationSparsity", "ConnectionSparsity", "MembraneUpdates", "Footprint"]


def run(benchmark, lines, labels):
    """NeuroBench's results for these samples in one batch."""
    data = TensorDataset(lines, labels)
    # NeuroBench says on stdout that a metric failed, and goes on with 0; on stderr it draws a bar for each call.
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()):
        results = benchmark.run(dataloader=DataLoader(data, batch_size=len(data)))
    if "Error" in said.getvalue():
        raise RuntimeError(f"NeuroBench: {said.getvalue().strip()}")
    return results


def measure(file, images, labels):
    network = Network(file)
    benchmark = Benchmark(SNNTorchModel(network), None, [], [ChooseMaxCount()], [STATIC, WORKLOAD])
    lines = digits.spikes(images, file["coding"], file["ticks"], network.ticks)
    results = run(benchmark, lines, labels)
    results |= results.pop("SynapticOperations")
    by_sample = [
        run(benchmark, lines[n : n + 1], labels[n : n + 1])["SynapticOperations"]["Effective_ACs"]
        for n in range(len(labels))
    ]
    results["Effective_ACs_by_sample"] = [int(count) for count in by_sample]
    return results


def main():
    images, labels = digits.test_images(FOLDER / "digits.csv.gz")
    labels = torch.tensor(labels)
    networks = {}
    for path in sorted(FOLDER.glob("*.json")):
        file = json.loads(path.read_text())
        # The model is of matrices: convolutions, whose equal weights are one, are left out.
        is_network = file.get("format") == "nernst network 2"
        if is_network and not any(projection.get("tied") for projection in file["projections"]):
            networks[file["name"]] = measure(file, images, labels)
    print("| for each image | " + " | ".join(COLUMNS) + " |")
    print("|---|" + "---:|" * len(COLUMNS))
    for name, results in networks.items():
        print(f"| {name} | " + " | ".join(text(results[column]) for column in COLUMNS) + " |")
    head = {"neurobench": neurobench.__version__, "command": "make neurobench", "samples": len(labels)}
    parts = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    entries = [f"    {json.dumps(name)}: {on_lines(results)}" for name, results in networks.items()]
    parts.append('  "networks": {\n' + ",\n".join(entries) + "\n  }")
    OUTPUT.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def text(value):
    return f"{value:.4f}" if value < 1 else f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"


def on_lines(results):
    """A value a line, the list by sample on one, too."""
    lines = [f"      {json.dumps(name)}: {json.dumps(value)}" for name, value in results.items()]
    return "{\n" + ",\n".join(lines) + "\n    }"


main()
