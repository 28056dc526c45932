"""A network file as a torch model that computes what the array computes, to the bit, in the array's ticks.

Connections are `nn.Linear` and neurons a `snntorch.SpikingNeuron`, because that is what NeuroBench's hooks look for.
"""

import snntorch
import torch
from torch import nn

LEAK_ONE = 512
# What a membrane is clamped to at the end of a tick, by the bits of a weight (spec/src/tick.rs).
CLAMP = {4: (-12288, 12287), 8: (-65536, 65535)}


class Neurons(snntorch.SpikingNeuron):
    """The tick of spec/src/tick.rs: integrate, fire, reset, leak, clamp; int32 holds every product.

    `mem`, the membranes at the end of the tick before, is what NeuroBench reads.
    """

    def __init__(self, layer):
        super().__init__(threshold=layer["threshold"], reset_mechanism=layer["reset"], init_hidden=True)
        self.leak = layer["leak"]
        self.clamp = CLAMP[layer["weight_bits"]]
        self.mem = None

    def forward(self, weights):
        v = self.mem + weights.int()
        fired = v >= self.threshold
        v = torch.where(fired, 0 if self.reset_mechanism == "zero" else v - self.threshold, v)
        self.mem = torch.div(v * self.leak, LEAK_ONE, rounding_mode="trunc").clamp(*self.clamp)
        return fired.float()


class Layer(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.sources = linear(layer["weights"])
        self.own = linear(layer["recurrent"]) if "recurrent" in layer else None
        self.neurons = Neurons(layer)

    def forward(self, heard, before):
        """`heard`: spikes of the sources; `before`: of the layer itself, a tick ago."""
        weights = self.sources(heard)
        if self.own is not None:
            weights = weights + self.own(before)
        return self.neurons(weights)


class Network(nn.Module):
    """One call is one tick of all layers at once: what a neuron fires is heard in the next."""

    def __init__(self, file):
        super().__init__()
        self.layers = nn.ModuleList(map(Layer, layers(file)))
        self.ticks = file["ticks"] + len(self.layers) - 1
        self.spikes = None

    def reset(self):
        """Before a sample the array is cleared: no spike is under way, every membrane is 0."""
        self.spikes = None

    def forward(self, lines):
        if self.spikes is None:
            self.spikes = [lines.new_zeros(len(lines), layer.sources.out_features) for layer in self.layers]
            for layer, spikes in zip(self.layers, self.spikes):
                layer.neurons.mem = spikes.int()
        heard = [lines, *self.spikes[:-1]]
        self.spikes = [layer(*spikes) for layer, *spikes in zip(self.layers, heard, self.spikes)]
        return self.spikes[-1], None


def layers(file):
    """The populations of a network file, each of which must hear the one before, and perhaps itself."""
    populations = file["populations"]
    sizes = [file["inputs"], *(population["neurons"] for population in populations)]
    names = [None, *(population["name"] for population in populations)]
    matrices = {}
    for projection in file["projections"]:
        source, target = (names.index(name) for name in (projection.get("from"), projection["to"]))
        if target - source not in (0, 1) or projection.get("delay", 0) != (target == source):
            raise ValueError(f"projection {projection.get('from')} -> {projection['to']}: expected a chain of layers")
        matrices[source, target] = matrix(projection, sizes[target], sizes[source])
    result = []
    for number, population in enumerate(populations, 1):
        if any(not isinstance(population[field], int) for field in ("threshold", "leak")) or population.get("bias"):
            raise ValueError(f"population {population['name']}: expected one whole threshold and leak, and no bias")
        layer = dict(population, weights=matrices[number - 1, number])
        if (number, number) in matrices:
            layer["recurrent"] = matrices[number, number]
        result.append(layer)
    return result


def matrix(projection, targets, sources):
    """A row for each target."""
    if "weights" in projection:
        return projection["weights"]
    rows = [[0] * sources for _ in range(targets)]
    for source, *pairs in projection["sparse"]:
        for target, weight in zip(pairs[::2], pairs[1::2]):
            rows[target][source] = weight
    return rows


def linear(matrix):
    """Whole numbers in float32, exact: no sum of weights reaches 2^24."""
    weights = torch.tensor(matrix, dtype=torch.float32)
    if (weights != weights.round()).any():
        raise ValueError("weights are not whole numbers, expected what `nernst train` writes")
    layer = nn.Linear(weights.shape[1], weights.shape[0], bias=False)
    layer.weight = nn.Parameter(weights, requires_grad=False)
    return layer
