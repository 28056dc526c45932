"""Files of one framework: its network as NIR, and beside it as JSON what the framework itself answers to random spikes.

Each script of a framework makes its networks through a `Fixtures`. The JSON has

    made_by    versions
    note       what is special, where something is
    shape      of the input
    arguments  what `nernst inspect` is to be told, since no NIR file tells it
    spikes     by sample and step, the lines that fire
    answers    by sample, spikes of each output neuron in all steps, or its membrane after the last
    refused    instead of answers: what the refusal must say
"""

import contextlib
import io
import json
import pathlib
import sys
from importlib.metadata import version

import nir
import numpy as np
import torch

SAMPLES, STEPS, DENSITY = 3, 24, 0.35
MOST_BYTES = 120_000


class Skip(Exception):
    """Weights or spikes with which a network shows something else than what it is there for."""


class Fixtures:
    def __init__(self, framework, package=None):
        self.folder = pathlib.Path(sys.argv[1])
        self.folder.mkdir(parents=True, exist_ok=True)
        self.framework = framework
        self.made_by = f"{framework} {version(package or framework)}, nir {version('nir')}, torch {version('torch')}"

    def seed(self, name, attempt=0):
        """Every network has its own weights and spikes, whatever was made before it."""
        seed = sum(map(ord, name)) + 10_000 * attempt
        torch.manual_seed(seed)
        return np.random.default_rng(seed)

    def add(self, name, make, arguments=(), refused=None, note=""):
        """`make()` gives the graph, the shape of the input, and a function from spikes (steps, *shape) to what each step puts out.

        With `True` as a fourth, the answer is the membranes that the last step puts out.
        """
        for attempt in range(50):
            generator = self.seed(name, attempt)
            # Type inference prints what it does.
            with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
                graph, shape, run, *membranes = make()
                spikes = generator.random((SAMPLES, STEPS, *shape)) < DENSITY
                try:
                    outputs = [np.array(run(torch.tensor(sample, dtype=torch.float32))).reshape(STEPS, -1) for sample in spikes]
                except Skip:
                    continue
            assert membranes or set(np.unique(outputs)) <= {0.0, 1.0}, f"{name}: several spikes in a step: {np.unique(outputs)}"
            answers = np.array([out[-1] if membranes else out.sum(0) for out in outputs])
            if refused or membranes or is_lively(answers):
                break
        else:
            sys.exit(f"{name}: no seed makes it spike as it should")
        report = {"made_by": self.made_by, "note": note, "shape": shape, "arguments": list(arguments)}
        flat = spikes.reshape(SAMPLES, STEPS, -1)
        report["spikes"] = [[np.flatnonzero(step).tolist() for step in sample] for sample in flat]
        report |= {"refused": refused} if refused else {"answers": answers.tolist()}
        path = self.folder / f"{self.framework}_{name}.nir"
        nir.write(path, graph)
        assert path.stat().st_size < MOST_BYTES, f"{path} has {path.stat().st_size} bytes"
        lines = [f'"{key}": {json.dumps(value)}' for key, value in report.items()]
        path.with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
        print(f"{path.name}: {path.stat().st_size} bytes, {refused or answers.tolist()}")

    def cannot(self, name, make, error):
        """A network that the framework's own exporter refuses; should it export it one day, this fails."""
        self.seed(name)
        path = self.folder / "refused.part"
        try:
            with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
                graph, *_ = make()
            nir.write(path, graph)
        except Exception as found:
            assert error in f"{type(found).__name__}: {found}", f"{name}: {type(found).__name__}: {found}"
            print(f"{self.framework}_{name}: no file, its exporter says {type(found).__name__}: {found}"[:200])
        else:
            sys.exit(f"{name} can be exported now: make a fixture of it")
        finally:
            path.unlink(missing_ok=True)


def is_lively(answers):
    """Most outputs spike, none in every step, and each sample has an answer of its own."""
    return (answers > 0).mean() > 0.6 and answers.max() < STEPS and len(np.unique(answers, axis=0)) == SAMPLES


def strong(net, gain):
    """Weights so large, and so many of them positive, that the neurons spike."""
    for parameter in torch.nn.Module.parameters(net):
        if parameter.ndim > 1:
            parameter.mul_(gain).add_(0.3 * parameter.std())
    return net


def between(low, high, *shape):
    return low + (high - low) * torch.rand(*shape)
