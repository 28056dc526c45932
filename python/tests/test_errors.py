"""Every error is a nernst.Error that says what to do, and none is a panic."""

import json

import nernst
import numpy as np
import pytest
from conftest import NETWORKS

SPIKES = np.zeros((2, 3, 64), bool)


@pytest.mark.parametrize(
    ("spikes", "what"),
    [
        (SPIKES.astype(np.float32), "float32 with shape"),
        (SPIKES[0], "an array of bool with shape [3, 64]"),
        (SPIKES[:, :, :60], "have 60 inputs, the network has 64"),
        (SPIKES[:, :0], "have no ticks"),
        (SPIKES.astype(np.uint8) + 2, "spikes[0, 0, 0] is 2"),
        ([[1]], "a list"),
    ],
)
def test_spikes_of_another_shape_or_type_are_refused(small, image, spikes, what):
    for run in (small.run, image.run):
        with pytest.raises(nernst.Error) as error:
            run(spikes)
        assert what in str(error.value) and error.value.help


@pytest.mark.parametrize(
    ("call", "what", "help"),
    [
        (lambda n: nernst.Network.load("no/such.json"), "no/such.json", None),
        (lambda n: nernst.Network.from_json("{}"), "not a network file", None),
        (lambda n: nernst.Network.from_nir("no.nir", "rate-16"), "no.nir: cannot read it", None),
        (lambda n: nernst.Network.from_nir("no.nir", "phase-16"), "unknown code `phase-16`", None),
        (lambda n: nernst.Network.from_nir("no.nir", "rate-0"), "has 0 ticks", "give 1 to 65536"),
        (lambda n: nernst.Network.from_nir("no.nir", "rate-4", reset="no"), "unknown reset `no`: expected zero, subtract", "nernst import"),
        (lambda n: nernst.Network.from_nir(NETWORKS / "digits.csv.gz", "rate-4"), "cannot be read as HDF5", None),
        (lambda n: n.compile("26f"), "unknown configuration `26f`", "configurations: tiny"),
        (lambda n: n.compile("no/such.toml"), "no/such.toml", "check the path"),
        (lambda n: n.with_bits(5), "choose 4 or 8", None),
        (lambda n: n.with_bits(8).compile("25f"), "it needs 42 neurons of INT8", None),
        (lambda n: n.save("/no/such/folder/x.json"), "/no/such/folder/x.json", None),
        (lambda n: n.encode(np.full((1, 64), 17, np.uint8)), "pixels[0, 0] is 17", "scale them"),
        (lambda n: nernst.encode(np.zeros((1, 65_537), np.uint8), "rate-2"), "65537 values", "at most 65536"),
        (lambda n: n.encode(np.zeros((1, 64))), "an array of float64", "uint8"),
        (lambda n: nernst.Image.load("no.img"), "no.img", "nernst compile"),
        (lambda n: nernst.Image.from_bytes(b"NERNSTIM"), "cut short", "Network.compile"),
        (lambda n: nernst.Image.from_bytes(b"PNG"), "not a Nernst image", "Network.compile"),
        (lambda n: nernst.Board("/dev/no-such-port"), "`/dev/no-such-port` does not exist", "--port virtual"),
        (lambda n: nernst.Board("model:26f"), "unknown configuration `26f`", "configurations"),
        (lambda n: nernst.dataset("no.csv"), "no.csv", None),
        (lambda n: n.run(SPIKES).bill(), "no array counted", "run an Image"),
        (lambda n: n.run(SPIKES).save_report("x.json", [0, 0]), "no array counted", "run an Image"),
        (lambda n: n.compile("tiny").run(SPIKES, "model").bill("x"), "unknown price table `x`", "ecp5"),
        (lambda n: n.compile("tiny").run(SPIKES, "model").save_report("x.json", [0]), "1 labels for 2 samples", "one for each"),
    ],
)
def test_errors_say_what_and_what_to_do(small, call, what, help):
    with pytest.raises(nernst.Error) as error:
        call(small)
    assert what in str(error.value)
    if help:
        assert help in error.value.help and str(error.value).endswith(f"\nhelp: {error.value.help}")


def test_damaged_images_are_refused(image):
    good = image.to_bytes()
    for place in range(0, len(good), 97):
        damaged = bytearray(good)
        damaged[place] ^= 0x10
        with pytest.raises(nernst.Error):
            nernst.Image.from_bytes(bytes(damaged))


def test_a_network_beyond_any_array_is_refused_to_run():
    """40,000 weights of -127 would leave the range of a membrane times its leak."""
    out = {"name": "out", "neurons": 1, "weight_bits": 8, "threshold": 5, "leak": 512, "reset": "zero"}
    file = {"format": "nernst network 2", "name": "wide", "coding": "rate", "ticks": 2, "inputs": 40_000, "populations": [out]}
    file |= {"projections": [{"to": "out", "weights": [[-127] * 40_000]}], "output": "out"}
    network = nernst.Network.from_json(json.dumps(file))
    with pytest.raises(nernst.Error, match="neuron 0 of `out` hears weights"):
        network.run(np.ones((1, 3, 40_000), bool))


def test_without_torch_its_module_says_what_to_install():
    try:
        import torch  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match="pip install torch"):
            import nernst.torch  # noqa: F401
    else:
        pytest.skip("torch is here")
