"""What Rockpool exports (with nir 1.0.4, which it is pinned to)."""

import torch
from fixtures import Fixtures, between, strong
from rockpool.nn.combinators import Sequential
from rockpool.nn.modules import ExpSynTorch, LIFNeuronTorch, LIFTorch, LinearTorch, to_nir
from rockpool.parameters import Constant

fixtures = Fixtures("rockpool")
SUBTRACT = ("--reset", "subtract")
STEP = ("--dt", "1e-3", *SUBTRACT)


def export(net, membranes=False):
    def run(spikes):
        net.reset_state()
        out, _, _ = net(spikes[None])
        return out.detach().numpy()[0]

    graph = to_nir(net, torch.zeros(1, 5, 8))
    return (graph, (8,), run, True) if membranes else (graph, (8,), run)


def neuron(n, tau=20e-3, **_):
    # By default a neuron fires several times in a step, which no neuron of the array does.
    return LIFNeuronTorch(n, tau_mem=torch.full((n,), tau), threshold=between(0.7, 1.3, n), dt=1e-3, max_spikes_per_dt=torch.tensor(1.0))


def lif(n, **how):
    return LIFTorch(n, tau_mem=20e-3, tau_syn=10e-3, dt=1e-3, max_spikes_per_dt=torch.tensor(1.0), **how)


def mlp(cell=neuron, last=neuron, gain=1.5, taus=(20e-3, 20e-3), has_bias=False, membranes=False, **how):
    linear = lambda inputs, outputs: LinearTorch((inputs, outputs), has_bias=has_bias)
    net = Sequential(linear(8, 12), cell(12, tau=taus[0], **how) if cell is neuron else cell(12, **how), linear(12, 4), last(4, tau=taus[1]) if last is neuron else last(4))
    return export(strong(net, gain), membranes)


fixtures.add("lifneuron", lambda: mlp(), STEP)
fixtures.add("lifneuron_bias", lambda: mlp(has_bias=True), STEP)
fixtures.add("lifneuron_no_step", lambda: mlp(), SUBTRACT, refused="Rockpool does, 1e-3, which is rounder")
fixtures.add("lifneuron_two_taus", lambda: mlp(taus=(20e-3, 5e-3)), SUBTRACT, note="two time constants tell the step")
expsyn = lambda tau: mlp(last=lambda n: ExpSynTorch(n, tau=tau, dt=1e-3), membranes=True)
fixtures.add("expsyn_at_the_end", lambda: expsyn(Constant(20e-3)), STEP)
fixtures.cannot("expsyn_trainable", lambda: expsyn(20e-3), "requires grad")
fixtures.add("lif", lambda: mlp(lif, lif), SUBTRACT, refused="it has two memories, a synaptic current that keeps 0.9048")
fixtures.add(
    "lif_recurrent", lambda: mlp(lif, lif, has_rec=True), SUBTRACT,
    refused="it has two memories", note="its exporter leaves the recurrent weights out, too",
)  # fmt: skip
