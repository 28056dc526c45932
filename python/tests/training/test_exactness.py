"""The forward pass of torch equals the array's, spike for spike and membrane for membrane."""

import nernst
import numpy as np
import pytest
import torch
from conftest import NETWORKS
from nernst.torch import Conv2d, Conv2dSynapses, Dense, Linear, Network, Neurons, Recurrent, load

# Matrices this small are slower on several threads.
torch.set_num_threads(1)


def random_spikes(seed: int, *shape: int, share: float = 0.3) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).random(shape) < share)


def spread(network: torch.nn.Module, seed: int, factor: float = 2.0) -> None:
    """Other weights and biases, and scales for them."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for weights in network.parameters():
            weights.copy_(factor * torch.randn_like(weights) / weights.shape[-1] ** 0.5)
    network.calibrate()


def assert_same(network: Network, spikes: torch.Tensor) -> nernst.Run:
    """The integers of the exported network give what torch gives."""
    exported = network.export()
    run = exported.run(spikes.numpy())
    spiked, membranes = network.simulate(spikes)
    np.testing.assert_array_equal(spiked[network.output].detach().numpy() == 1, run.spikes)
    np.testing.assert_array_equal(membranes[network.output].detach().numpy(), run.membranes)
    np.testing.assert_array_equal(network.answers(spikes).detach().numpy(), run.answers)
    return run


def chain(seed: int) -> Network:
    """Layers of all kinds of options, by the bits of the seed."""
    options = {
        "bits": 8 if seed & 1 else 4,
        "reset": "subtract" if seed & 2 else "zero",
        "scale": "neuron" if seed & 4 else "layer",
        "bias": bool(seed & 8),
    }
    layer = Recurrent if seed & 16 else Linear
    leaks = torch.randint(0, 513, (24,), generator=torch.Generator().manual_seed(seed))
    network = Network(layer(20, 24, leak=leaks, **options), Linear(24, 10, leak=500, fires=seed % 3 != 0, **options), code="rate-12")
    spread(network, seed)
    return network


@pytest.mark.parametrize("seed", range(32))
def test_layers_equal_the_integers(seed):
    run = assert_same(chain(seed), random_spikes(seed, 16, 12, 20))
    assert run.answers.any()


@pytest.mark.parametrize("bits", [4, 8])
def test_membranes_that_are_clamped(bits):
    """Every weight at its limit, so that membranes run into the clamp from both sides."""
    network = Network(Linear(300, 8, bits=bits, leak=512, fires=False))
    with torch.no_grad():
        network.synapses[0].weight.copy_(torch.tensor([1.0, -1.0] * 4)[:, None].expand(8, 300))
    network.calibrate()
    run = assert_same(network, torch.ones(2, 40, 300, dtype=torch.bool))
    low, high = nernst._nernst.limits(bits)["clamp"]
    assert set(run.membranes.ravel().tolist()) == {low, high}


def test_int8_membranes_whose_product_with_the_leak_is_above_2_to_the_24():
    network = Network(Linear(200, 6, bits=8, leak=[512, 511, 509, 500, 487, 333], fires=False))
    spread(network, 3, factor=30.0)
    with torch.no_grad():
        network.synapses[0].weight.abs_()
    run = assert_same(network, random_spikes(1, 8, 60, 200, share=0.8))
    assert run.membranes.max() * 512 > 1 << 24


@pytest.mark.parametrize("scale", ["layer", "neuron"])
@pytest.mark.parametrize("geometry", [{"stride": 2, "padding": 1}, {"stride": 1, "padding": 0}])
def test_convolutions_equal_the_integers(scale, geometry):
    conv = Conv2d((2, 6, 6), 5, 3, scale=scale, bias=True, **geometry)
    network = Network(conv, Linear(conv.feed.targets, 10, scale=scale), code="rate-10")
    spread(network, 5)
    assert assert_same(network, random_spikes(2, 12, 10, 72)).answers.any()
    projection = network.export().integers()["projections"][0]
    assert projection["tied"] and len(projection["weights"]) <= conv.feed.targets * 18


def graph() -> Network:
    """A branch, a bridge over a layer, delays, and a loop back."""
    network = Network(inputs=12, code="rate-15", name="graph")
    network.add("a", Neurons(9, leak=450, reset="subtract"))
    network.add("b", Neurons(7, leak=512, scale="neuron"))
    network.add("out", Neurons(5, leak=400, bits=8, bias=True))
    network.connect(None, "a", Dense(12, 9))
    network.connect(None, "a", Dense(12, 9), delay=3)
    network.connect(None, "b", Dense(12, 7), delay=1)
    network.connect("a", "b", Dense(9, 7))
    network.connect("a", "out", Dense(9, 5), delay=2)
    network.connect("b", "out", Dense(7, 5))
    network.connect("out", "a", Dense(5, 9), delay=4)
    network.connect("b", "b", Dense(7, 7), delay=1)
    spread(network, 11)
    return network


def test_graphs_equal_the_integers():
    assert assert_same(graph(), random_spikes(4, 20, 15, 12)).answers.any()


@pytest.mark.parametrize(("make", "config"), [(lambda: chain(0), "tiny"), (lambda: chain(13), "tiny-int8"), (lambda: chain(22), "25f")])
@pytest.mark.parametrize("port", ["model", "virtual"])
def test_layers_equal_the_array(make, config, port):
    network, spikes = make(), random_spikes(6, 8, 12, 20)
    run = network.export().compile(config).run(spikes.numpy(), port, membranes=True)
    assert run.mismatches["total"] == 0
    spiked, membranes = network.simulate(spikes)
    np.testing.assert_array_equal(run.steps, spiked["layer2"].detach().numpy() == 1)
    np.testing.assert_array_equal(run.membranes, membranes["layer2"].detach().numpy())


@pytest.mark.parametrize("make", [lambda: chain(7), lambda: chain(27), graph])
def test_a_network_survives_its_file(make, tmp_path):
    network = make()
    network.export().save(tmp_path / "network.json")
    again = load(tmp_path / "network.json")
    assert again.export().to_json() == network.export().to_json()
    spikes = random_spikes(8, 6, 15, network.inputs)
    assert torch.equal(again(spikes), network(spikes))
    assert_same(again, spikes)


def test_a_convolution_stays_tied_through_its_file():
    network = Network(Conv2d((1, 5, 5), 3, 3))
    spread(network, 2)
    again = Network.load(network.export())
    assert again.export().to_json() == network.export().to_json()
    # As many weights as there are different ones, at most those of the kernels.
    assert again.synapses[0].weight.numel() <= 27


@pytest.mark.parametrize("name", ["mlp-128-rate-int4", "mlp-128-rate-int8", "mlp-128-latency-int4", "rnn-128-rate-int4"])
def test_shipped_networks_answer_as_they_do_without_torch(name, digits):
    original = nernst.Network.load(NETWORKS / f"{name}.json")
    network = load(original)
    spikes = network.encode(digits[0])
    run = original.run(original.encode(digits[0]))
    with torch.no_grad():
        np.testing.assert_array_equal(network(spikes).numpy() == 1, run.spikes)


def test_calibrating_leaves_whole_thresholds_and_weights_in_range():
    for each in ("layer", "neuron"):
        layer = Linear(30, 12, scale=each)
        threshold = layer.neurons.threshold
        assert torch.equal(threshold, threshold.round()) and (threshold >= 1).all()
        assert (len(threshold.unique()) > 1) == (each == "neuron")
        assert layer.feed.matrix(layer.neurons).abs().max() <= 7


def test_convolutions_alone_count_their_synapses():
    synapses = Conv2dSynapses((1, 4, 4), 2, 3, padding=1)
    neurons = Neurons(32, group=16)
    with torch.no_grad():
        synapses.weight.fill_(1.0)
    # 4 corners hear 4 pixels, 8 edges 6, 4 inner ones 9; of two channels.
    assert int((synapses.matrix(neurons) != 0).sum()) == 2 * (4 * 4 + 8 * 6 + 4 * 9)
