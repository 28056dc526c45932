"""Gradients are those of the surrogate, and errors say what is wrong."""

import nernst
import pytest
import torch
from nernst.torch import Conv2d, Dense, Layer, Linear, Network, Neurons, Recurrent

# Matrices this small are slower on several threads.
torch.set_num_threads(1)


def neuron(weight: float, threshold: int, **options) -> Layer:
    """One neuron of one input, with a threshold in steps."""
    layer = Layer(Dense(1, 1), Neurons(1, **options))
    with torch.no_grad():
        layer.feed.weight.fill_(weight / threshold)
        layer.neurons.scale.fill_(1 / threshold)
    return layer


def test_the_gradient_of_a_spike_is_that_of_the_fast_sigmoid():
    layer = neuron(4, 5)
    layer(torch.ones(1, 1, 1)).sum().backward()
    # v = 4/5 of the threshold: 1 / (1 + 10 * 0.2)^2 for a weight in thresholds.
    assert layer.feed.weight.grad.item() == pytest.approx(1 / 9)


def test_the_gradient_goes_through_the_leak_and_not_through_the_reset():
    layer = neuron(3, 5, leak=256)
    spikes = layer(torch.ones(1, 2, 1))
    # 3; kept 1 (of 1.5); 4.
    assert spikes.flatten().tolist() == [0, 0]
    spikes[0, 1, 0].backward()
    assert layer.feed.weight.grad.item() == pytest.approx((1 + 0.5) / 9)
    # A spike in the first step: nothing of it comes through.
    fired = neuron(6, 5, leak=256)
    spikes = fired(torch.tensor([[[1.0], [1.0]]]))
    assert spikes.flatten().tolist() == [1, 1]
    spikes[0, 1, 0].backward()
    assert fired.feed.weight.grad.item() == pytest.approx(1 / 9)


def test_all_kinds_of_layers_learn():
    """A few steps of training make the loss of a small problem smaller, through every layer."""
    torch.manual_seed(0)
    conv = Conv2d((1, 4, 4), 4, 3, bits=8)
    network = Network(conv, Recurrent(16, 12, bits=8, bias=True), Linear(12, 2, bits=8))
    inputs = (torch.rand(40, 8, 16) < torch.cat([torch.linspace(0.1, 0.9, 16), torch.linspace(0.9, 0.1, 16)]).reshape(2, 1, 1, 16).expand(2, 20, 8, 16).reshape(40, 8, 16))
    classes = torch.arange(2).repeat_interleave(20)
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    before = [weights.detach().clone() for weights in network.parameters()]
    losses = []
    for _ in range(30):
        loss = torch.nn.functional.cross_entropy(network.answers(inputs), classes)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert all((weights != old).any() for weights, old in zip(network.parameters(), before))
    assert (network.export().run(inputs.numpy()).classes == classes.numpy()).mean() > 0.9


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: Network(), "without layers"),
        (lambda: Network(Linear(3, 4), Linear(5, 2)), "for 5 sources and 2 targets, there are 4 and 2"),
        (lambda: Linear(3, 4, bits=5), "choose 4 or 8"),
        (lambda: Linear(3, 4, leak=513), "512ths"),
        (lambda: Linear(3, 4, reset="no"), "zero or subtract"),
        (lambda: Linear(3, 4, scale="row"), "layer or neuron"),
        (lambda: Conv2d((1, 2, 2), 1, 3), "has no result"),
        (lambda: Network(Linear(3, 4))(torch.zeros(2, 5, 4)), "expected (samples, steps, 3)"),
        (lambda: Network(Linear(3, 4), code="phase-3").export(), "unknown variant `phase`"),
        (lambda: Network(Linear(40_000, 1, bits=8))(torch.zeros(1, 1, 40_000)), "than any array has axons"),
        (lambda: Network(Linear(3, 4)).connect("layer1", "layer1", Dense(4, 4)), "a step at least"),
        (lambda: Network(Linear(3, 4)).connect(None, "layer1", Dense(3, 4)), "there are some already"),
        (lambda: Network(Linear(3, 4)).add("layer1", Neurons(2)), "another population"),
        (lambda: Network(inputs=3).export(), "without populations"),
    ],
)
def test_errors_say_what_is_wrong(call, what):
    with pytest.raises(nernst.Error) as error:
        call()
    assert what in str(error.value)
