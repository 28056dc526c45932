"""What SpikingJelly exports."""

import torch
from fixtures import Fixtures, strong
from spikingjelly.activation_based import functional, layer, neuron
from spikingjelly.activation_based.nir_exchange import export_to_nir
from torch import nn

fixtures = Fixtures("spikingjelly")
STEP = ("--dt", "1e-4")


def export(net, shape):
    functional.set_step_mode(net, "s")

    def run(spikes):
        functional.reset_net(net)
        return [net(step[None]).detach().numpy()[0] for step in spikes]

    return export_to_nir(net, torch.zeros(1, *shape)), shape, run


def mlp(cell, gain=3.0, bias=True):
    net = nn.Sequential(layer.Linear(8, 12, bias=bias), cell(), layer.Linear(12, 4, bias=bias), cell())
    return export(strong(net, gain), (8,))


fixtures.add("if", lambda: mlp(neuron.IFNode), STEP)
fixtures.add("lif", lambda: mlp(lambda: neuron.LIFNode(tau=5.0, v_threshold=0.3)), STEP)
fixtures.add("lif_sharp", lambda: mlp(lambda: neuron.LIFNode(tau=5.0, decay_input=False)), note="decay_input=False tells the step")
fixtures.add("parametric_lif", lambda: mlp(lambda: neuron.ParametricLIFNode(init_tau=4.0, decay_input=False)))
fixtures.add("lif_other_reset", lambda: mlp(lambda: neuron.LIFNode(tau=5.0, v_threshold=0.3, v_reset=-0.1)), STEP)
fixtures.add(
    "cuba_lif", lambda: mlp(lambda: neuron.CUBALIFNode(c_decay=0.5, v_decay=0.75, v_reset=0.0)), refused="it has two memories"
)
fixtures.cannot("soft_reset", lambda: mlp(lambda: neuron.LIFNode(v_reset=None)), "NIR does not distinguish soft reset")


def conv():
    cell = lambda: neuron.LIFNode(tau=2.0, decay_input=False)
    net = nn.Sequential(
        layer.Conv2d(1, 4, 3, padding=1, bias=False), cell(), layer.AvgPool2d(2), layer.Conv2d(4, 6, 3, stride=2, padding=1), cell(), layer.Flatten(),
        layer.Linear(24, 4), cell(),
    )  # fmt: skip
    return export(strong(net, 4.0), (1, 6, 6))


fixtures.add("conv", conv)
