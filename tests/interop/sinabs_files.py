"""What Sinabs exports (with nir 1.0.4, which it is pinned to). Its steps have the length 1, and it keeps exp(-1/tau)."""

import sinabs.layers as sl
import torch
from fixtures import Fixtures, between, strong
from sinabs.activation import MembraneReset, SingleSpike
from sinabs.nir import to_nir
from torch import nn

fixtures = Fixtures("sinabs")
STEP = ("--dt", "1", "--reset", "subtract")
EXACT = (*STEP, "--method", "exponential")
# By default a neuron fires several times in a step, which no neuron of the array does.
ONCE = {"spike_fn": SingleSpike, "batch_size": 1}


def export(net, shape, membranes=False):
    net(torch.zeros(1, *shape))

    def run(spikes):
        for layer in net.modules():
            if isinstance(layer, sl.StatefulLayer):
                layer.reset_states()
        return net(spikes).detach().numpy()

    graph = to_nir(net, torch.zeros(1, *shape))
    graph.infer_types()
    return (graph, shape, run, True) if membranes else (graph, shape, run)


def lif(n, **how):
    return sl.LIFSqueeze(tau_mem=between(4, 20, n), spike_threshold=between(0.2, 0.4, n), **(ONCE | how))


def iaf(n, **how):
    return sl.IAFSqueeze(spike_threshold=torch.tensor(1.0), **(ONCE | how))


def mlp(cell, last=None, gain=3.0, bias=True, membranes=False, **how):
    net = nn.Sequential(nn.Linear(8, 12, bias=bias), cell(12, **how), nn.Linear(12, 4, bias=bias), (last or cell)(4, **how))
    return export(strong(net, gain), (8,), membranes)


fixtures.add("lif", lambda: mlp(lif), EXACT)
fixtures.add("lif_reset", lambda: mlp(lif, reset_fn=MembraneReset()), ("--dt", "1", "--method", "exponential"))
fixtures.add("iaf", lambda: mlp(iaf, bias=False), STEP)


def leak(n, **_):
    return sl.ExpLeakSqueeze(tau_mem=torch.full((n,), 10.0), norm_input=True, batch_size=1)


fixtures.add("expleak_at_the_end", lambda: mlp(lif, last=leak, membranes=True), EXACT, note="with norm_input=False, its default, the file is the same")


def conv():
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False), iaf(0), sl.SumPool2d(2), nn.Conv2d(4, 6, 3, padding=1), iaf(0), sl.SumPool2d(3, 3), nn.Flatten(),
        nn.Linear(6, 4, bias=False), iaf(0),
    )  # fmt: skip
    return export(strong(net, 1.5), (1, 6, 6))


fixtures.add("conv_sumpool", conv, STEP)


def line():
    net = nn.Sequential(nn.Conv1d(2, 4, 3, stride=2, padding=1), iaf(0), nn.Flatten(), nn.Linear(20, 4, bias=False), iaf(0))
    return export(strong(net, 2.0), (2, 10))


fixtures.add("conv1d", line, STEP)


def recurrent():
    net = nn.Sequential(nn.Linear(8, 12), sl.LIFRecurrent(tau_mem=10.0, rec_connect=nn.Linear(12, 12)))
    net(torch.zeros(1, 1, 8))
    return (to_nir(net, torch.zeros(1, 1, 8)),)


fixtures.cannot("recurrent", recurrent, "LIFRecurrent'> not supported")
