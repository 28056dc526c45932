"""What Norse exports. It writes tau times its step of 1 ms, so that to be right the step is given as its square."""

import norse.torch as norse
import torch
from fixtures import Fixtures, between, strong
from norse.torch.utils.export_nir import to_nir
from torch import nn

fixtures = Fixtures("norse")
STEP = ("--dt", "1e-6")


def export(net, shape, batch=False, membranes=False, infer=False):
    def run(spikes):
        state, answers = None, []
        for step in spikes:
            out, state = net(step, state)
            answers.append(out.numpy())
        return answers

    # Since it writes the shape of the sample as that of the input, the sample is to have no batch.
    graph = to_nir(net, torch.zeros(1, *shape) if batch else torch.zeros(*shape))
    if infer:
        graph.infer_types()
    return (graph, shape, run, True) if membranes else (graph, shape, run)


def box(*shape):
    return norse.LIFBoxCell(
        norse.LIFBoxParameters(
            tau_mem_inv=between(50, 400, *shape), v_th=between(0.2, 0.4, *shape), v_leak=torch.zeros(*shape), v_reset=torch.zeros(*shape)
        )
    )


def mlp(cell, gain=3.0, bias=True, last=None, **how):
    net = norse.SequentialState(nn.Linear(8, 12, bias=bias), cell(12), nn.Linear(12, 4, bias=bias), (last or cell)(4))
    return export(strong(net, gain), (8,), **how)


fixtures.add("lifbox", lambda: mlp(box), STEP)
fixtures.add("lifbox_batch", lambda: mlp(box, batch=True), STEP, note="the Input has the batch in its shape; `nir.read` refuses it")
fixtures.add("lifbox_wrong_step", lambda: mlp(box), ("--dt", "1e-3"), refused="for its files give the square of it")
fixtures.add("lifbox_no_step", lambda: mlp(box), refused="has time constants without a step")


def conv(*last, infer=True):
    net = norse.SequentialState(
        nn.Conv2d(1, 4, 3, padding=1), box(4, 6, 6), nn.Conv2d(4, 6, 3, stride=2, padding=1), box(6, 3, 3),
        *(last or (nn.Conv2d(6, 4, 3), box(4, 1, 1))),
    )  # fmt: skip
    return export(strong(net, 3.0), (1, 6, 6), infer=infer)


fixtures.add("conv", conv, STEP)
fixtures.cannot("conv_without_shapes", lambda: conv(infer=False), "One of data, shape or dtype must be specified")
fixtures.cannot("flatten", lambda: conv(nn.Flatten(0), nn.Linear(54, 4), box(4)), "'NoneType' object has no attribute")


def li(n):
    return norse.LIBoxCell(norse.LIBoxParameters(tau_mem_inv=torch.full((n,), 100.0), v_leak=torch.zeros(n)))


fixtures.add("libox_at_the_end", lambda: mlp(box, last=li, membranes=True), STEP)


def iaf(n):
    return norse.IAFCell(norse.IAFParameters(v_th=between(0.7, 1.3, n), v_reset=torch.zeros(n)))


fixtures.add("iaf", lambda: mlp(iaf), ("--dt", "1"))


def lif(tau_mem_inv, tau_syn_inv):
    def cell(n):
        # v_leak has to have a value for each neuron, for it gives R its shape.
        return norse.LIFCell(
            norse.LIFParameters(
                tau_syn_inv=torch.full((n,), tau_syn_inv), tau_mem_inv=torch.full((n,), tau_mem_inv), v_th=torch.full((n,), 0.3),
                v_leak=torch.zeros(n), v_reset=torch.zeros(n),
            )
        )  # fmt: skip

    return cell


fixtures.add("lif_without_synaptic_memory", lambda: mlp(lif(200.0, 1000.0)), STEP, note="tau_syn is the step")
fixtures.add("lif", lambda: mlp(lif(100.0, 200.0)), STEP, refused="it has two memories, a synaptic current that keeps 0.8000")
fixtures.cannot("lif_default", lambda: mlp(lambda _: norse.LIFCell()), "Scalar datasets don't support")
fixtures.cannot("recurrent", lambda: mlp(lambda n: norse.LIFRecurrentCell(n, n)), "'NoneType' object has no attribute")
fixtures.cannot("li", lambda: mlp(box, last=lambda _: norse.LICell()), "'NoneType' object has no attribute")
