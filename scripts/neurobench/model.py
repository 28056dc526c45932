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
        self.layers = nn.ModuleList(map(Layer, file["layers"]))
        self.ticks = file["ticks"] + len(file["layers"]) - 1
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


def linear(matrix):
    """Whole numbers in float32, exact: no sum of weights reaches 2^24."""
    weights = torch.tensor(matrix, dtype=torch.float32)
    if (weights != weights.round()).any():
        raise ValueError("weights are not whole numbers, expected what `nernst train` writes")
    layer = nn.Linear(weights.shape[1], weights.shape[0], bias=False)
    layer.weight = nn.Parameter(weights, requires_grad=False)
    return layer
