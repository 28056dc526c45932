"""What snnTorch exports."""

import snntorch as snn
import torch
from fixtures import Fixtures, Skip, between, strong
from snntorch.export_nir import export_to_nir
from torch import nn

fixtures = Fixtures("snntorch")
NOW = {"reset_delay": False}
LATE = ("--reset", "subtract-late")


def leaky(*shape, kind=snn.Leaky, **how):
    # Scalars cannot be exported: the graph's types would not fit.
    how.setdefault("beta", between(0.6, 0.95, *shape))
    return kind(threshold=between(0.7, 1.3, *shape), init_hidden=True, **how)


def export(net, shape):
    """Graph, shape and a function that runs the network from rest."""

    def run(spikes):
        # `snntorch.utils.reset` forgets RSynaptic; states of another shape than the input are made anew.
        for layer in net.modules():
            for state in ("spk", "syn", "mem"):
                if hasattr(layer, state):
                    setattr(layer, state, torch.zeros(0))
        answers = []
        for step in spikes:
            answers.append(net(step[None]).detach().numpy()[0])
            for layer in net.modules():
                at_once = isinstance(layer, snn.Leaky) and not layer.reset_delay and layer.reset_mechanism == "subtract"
                if at_once and (layer.mem > layer.threshold).any():
                    raise Skip
        return answers

    graph = export_to_nir(net, torch.zeros(1, *shape), ignore_dims=[0])
    return graph, shape, run


def mlp(bias=False, gain=2.0, **how):
    net = nn.Sequential(nn.Linear(8, 12, bias=bias), leaky(12, **how), nn.Linear(12, 4, bias=bias), leaky(4, **how))
    return export(strong(net, gain), (8,))


fixtures.add("mlp_zero", lambda: mlp(reset_mechanism="zero", **NOW))
fixtures.add("mlp_zero_late", lambda: mlp(reset_mechanism="zero"), note="a reset to zero is the same a step later")
fixtures.add(
    "mlp_subtract", lambda: mlp(gain=1.0, reset_mechanism="subtract", **NOW), ("--reset", "subtract"),
    note="no membrane is above twice its threshold: there snnTorch subtracts before the next spike instead of after this one",
)  # fmt: skip
fixtures.add("mlp_default", lambda: mlp(bias=True), LATE, note="the default reset: by subtraction, a step late")


def conv(stride=1, **how):
    side = 6 // stride
    how = dict(reset_mechanism="zero", **NOW)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, stride=stride), leaky(4, side, side, **how), nn.AvgPool2d(2),
        nn.Conv2d(4, 6, 3, padding=1, groups=2, bias=False), leaky(6, side // 2, side // 2, **how), nn.Flatten(),
        nn.Linear(6 * (side // 2) ** 2, 4), leaky(4, **how),
    )  # fmt: skip
    return export(strong(net, 5.0), (1, 6, 6))


fixtures.add("conv_pool_flatten", conv)


class Recurrent(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.fc1, self.lif1, self.fc2 = nn.Linear(8, 12), cell, nn.Linear(12, 4)
        self.lif2 = leaky(4, reset_mechanism=cell.reset_mechanism, reset_delay=cell.reset_delay)

    def forward(self, x):
        return self.lif2(self.fc2(self.lif1(self.fc1(x))))


def recurrent(cell):
    return export(strong(Recurrent(cell), 2.0), (8,))


def rleaky(**how):
    return recurrent(leaky(12, kind=snn.RLeaky, **how))


every = {"linear_features": 12, "all_to_all": True}
fixtures.add("rleaky", lambda: rleaky(reset_mechanism="zero", **every, **NOW))
fixtures.add("rleaky_default", lambda: rleaky(**every), LATE)
fixtures.add("rleaky_one_to_one", lambda: rleaky(V=between(-0.6, 0.3, 12), all_to_all=False), LATE)


def synaptic(alpha, beta, **how):
    cell = lambda n: leaky(n, kind=snn.Synaptic, alpha=alpha * torch.ones(n), beta=beta * torch.ones(n), **how)
    return export(strong(nn.Sequential(nn.Linear(8, 12), cell(12), nn.Linear(12, 4), cell(4)), 1.5), (8,))


fixtures.add("synaptic_alpha_0", lambda: synaptic(0.0, 0.85, reset_mechanism="zero", **NOW))
fixtures.add("synaptic_alpha_0_default", lambda: synaptic(0.0, 0.85), LATE)
fixtures.add("synaptic_beta_0", lambda: synaptic(0.85, 0.0, reset_mechanism="zero", **NOW))
fixtures.add("synaptic_beta_0_default", lambda: synaptic(0.85, 0.0), LATE)
fixtures.add("synaptic", lambda: synaptic(0.7, 0.9), LATE, refused="it has two memories, a synaptic current that keeps 0.7000")

rsynaptic = lambda alpha: recurrent(leaky(12, kind=snn.RSynaptic, alpha=torch.full((12,), alpha), **every))
fixtures.add("rsynaptic_alpha_0", lambda: rsynaptic(0.0), LATE)
fixtures.add("rsynaptic", lambda: rsynaptic(0.7), LATE, refused="node `lif1.lif` (CubaLIF): it has two memories")


def scalar():
    net = nn.Sequential(nn.Linear(8, 12), snn.Leaky(beta=0.9, init_hidden=True), nn.Linear(12, 4), snn.Leaky(beta=0.9, init_hidden=True))
    return export(net, (8,))


fixtures.cannot("scalar_beta", scalar, "Type")
