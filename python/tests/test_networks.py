"""Networks and images: files, properties, encoding, placement."""

import gzip
import json

import nernst
import numpy as np
import pytest
from conftest import NETWORKS, NIR, ROOT


def test_a_network_survives_its_file(small, tmp_path):
    path = tmp_path / "network.json"
    small.save(path)
    assert path.read_text() == small.to_json() == nernst.Network.from_json(small.to_json()).to_json()
    assert (small.name, small.code, small.steps) == ("mlp-32-rate-int4", "rate-16", 16)
    assert (small.inputs, small.neurons, small.outputs, small.readout) == (64, 42, 10, "spikes")
    assert "layer1" in str(small) and "64 inputs" in repr(small)


def test_integers_are_those_of_the_file(small):
    file, integers = json.loads(small.to_json()), small.integers()
    hidden = integers["populations"][0]
    assert hidden["threshold"].tolist() == [file["populations"][0]["threshold"]] * 32
    assert hidden["leak"].dtype == np.int32 and not hidden["subtract"].any() and not hidden["bias"].any()
    feed = integers["projections"][0]
    matrix = np.zeros((32, 64), int)
    matrix[feed["targets"], feed["sources"]] = feed["weights"]
    assert matrix.tolist() == file["projections"][0]["weights"]
    assert (feed["source"], feed["target"], feed["tied"]) == (None, "layer1", False)


def test_a_nir_file_becomes_a_network(digits):
    pixels, labels = digits
    network = nernst.Network.from_nir(NIR / "snntorch_mlp_fp32.nir", "rate-16", bits=8)
    assert network.name == "snntorch_mlp_fp32"
    assert any("time step" in remark for remark in network.remarks)
    assert len(network.losses()) == 2 and "INT8" in network.losses()[0]
    assert (network.run(network.encode(pixels)).classes == labels).mean() > 0.96
    assert "INT4" in network.with_bits(4).losses()[0]


def test_a_nir_file_that_does_not_tell_its_step_asks_for_it():
    path = NIR / "sloppy.nir"
    with pytest.raises(nernst.Error, match="time constants without a step") as error:
        nernst.Network.from_nir(path, "rate-16")
    assert error.value.help == "give dt"


def test_an_image_survives_its_file(small, tmp_path):
    image = small.compile("tiny")
    path = tmp_path / "small.img"
    image.save(path)
    again = nernst.Image.load(path)
    assert again.to_bytes() == image.to_bytes() == path.read_bytes()
    assert (again.config, again.code, again.ticks, again.latency) == ("tiny", "rate-16", 17, 1)
    assert (again.inputs, again.outputs, again.readout, again.placement) == (64, 10, "spikes", None)


def test_a_placement_is_text_and_numbers(small):
    placement = small.compile("tiny").placement
    assert str(placement).startswith("mlp-32-rate-int4 on tiny: 17 ticks a sample")
    numbers = placement.to_dict()
    assert numbers["input_lines"] == 64
    assert sum(core["lanes_used"] for core in numbers["cores"]) == 42


def test_codes_turn_pixels_into_spikes(small, digits):
    pixels, _ = digits
    spikes = small.encode(pixels)
    assert spikes.shape == (360, 16, 64) and spikes.dtype == np.bool_
    # Rate code in 16 ticks: as many spikes as the value.
    assert (spikes.sum(axis=1) == pixels).all()
    latency = nernst.encode(pixels, "latency-8")
    assert latency.shape == (360, 8, 64) and (latency.sum(axis=1) == (pixels >= 2)).all()


def test_the_digits_are_those_of_the_repository():
    (train, _), (test, labels) = nernst.dataset()
    assert train.shape == (1437, 64) and test.shape == (360, 64) and set(labels) == set(range(10))
    table = np.loadtxt(gzip.open(NETWORKS / "digits.csv.gz"), delimiter=",", dtype=np.uint8)
    assert sorted(map(bytes, table[:, :64])) == sorted(map(bytes, np.concatenate([train, test])))


def test_names_are_listed():
    assert "25f" in nernst.configurations() and "ecp5" in nernst.price_tables()
    rows = nernst.counters()["rows_fetched"]
    assert (rows["group"], rows["place"], rows["exact"]) == ("computation", "core", True)
    assert nernst.__version__ in (ROOT / "Cargo.toml").read_text()
