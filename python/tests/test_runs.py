"""Runs: the same spikes everywhere, the ledger and its bill."""

import json

import nernst
import numpy as np
import pytest
from conftest import NETWORKS

MEMBRANES = json.dumps(
    {
        "format": "nernst network 2",
        "name": "two",
        "coding": "rate",
        "ticks": 4,
        "inputs": 2,
        "populations": [
            {"name": "hidden", "neurons": 2, "weight_bits": 4, "threshold": [3, 5], "leak": [512, 256], "reset": "subtract", "bias": 1},
            {"name": "out", "neurons": 2, "weight_bits": 4, "leak": 480, "reset": "zero"},
        ],
        "projections": [
            {"to": "hidden", "weights": [[2, -3], [7, 1]]},
            {"from": "hidden", "to": "hidden", "delay": 2, "weights": [[0, -2], [3, 0]]},
            {"from": "hidden", "to": "out", "weights": [[4, -5], [1, 7]]},
        ],
        "output": "out",
        "readout": "membranes",
    }
)


def same(network: nernst.Network, run: nernst.Run, spikes: np.ndarray) -> None:
    """A run on an array equals that of the network's integers."""
    expected = network.run(spikes)
    assert run.mismatches["total"] == 0, run.mismatches
    np.testing.assert_array_equal(run.steps, expected.spikes)
    np.testing.assert_array_equal(run.answers, expected.answers)
    np.testing.assert_array_equal(run.classes, expected.classes)
    if run.membranes is not None:
        np.testing.assert_array_equal(run.membranes, expected.membranes)


@pytest.mark.parametrize("port", ["model", "virtual", "virtual-direct"])
def test_an_array_gives_what_the_integers_give(small, image, digits, port):
    spikes = small.encode(digits[0][:12])
    run = image.run(spikes, port, membranes=True)
    assert (len(run), run.spikes.shape, run.steps.shape, run.latency) == (12, (12, 17, 10), (12, 16, 10), 1)
    assert run.mismatches == {"total": 0, "spikes": 0, "counters": 0, "membranes": 0, "first": []}
    same(small, run, spikes)


def test_a_network_that_hears_itself(digits):
    network = nernst.Network.load(NETWORKS / "rnn-128-rate-int4.json")
    spikes = network.encode(digits[0][:10])
    same(network, network.compile("25f").run(spikes, "model"), spikes)


def test_membranes_are_a_result_with_biases_and_delays():
    network = nernst.Network.from_json(MEMBRANES)
    spikes = np.random.default_rng(0).integers(0, 2, (30, 9, 2), dtype=np.uint8)
    run = network.compile("tiny").run(spikes, "model")
    assert (run.answers == run.membranes).all() and run.answers.any()
    same(network, run, spikes)


def test_spikes_are_bool_or_uint8_of_any_layout(small, image, digits):
    spikes = small.encode(digits[0][:6])
    expected = small.run(spikes).spikes
    for other in (spikes.astype(np.uint8), np.asfortranarray(spikes), np.repeat(spikes, 2, axis=0)[::2]):
        np.testing.assert_array_equal(small.run(other).spikes, expected)
    assert small.run(spikes[:0]).spikes.shape == (0, 16, 10)
    assert image.run(spikes[:0], "model").answers.shape == (0, 10)


def test_a_sample_may_have_any_number_of_steps(small, image):
    spikes = np.random.default_rng(1).random((3, 40, 64)) < 0.2
    run = image.run(spikes, "model")
    assert run.spikes.shape == (3, 41, 10)
    same(small, run, spikes)


def test_a_board_runs_one_image_after_the_other(small, image, digits):
    spikes = small.encode(digits[0][:3])
    with nernst.Board("model", "tiny") as board:
        assert board.identity["config"] == "tiny" and board.identity["clock_hz"] > 0
        first = board.run(image, spikes)
        dense = board.run(image.dense(), spikes)
        again = board.run(image, spikes)
        same(small, again, spikes)
    np.testing.assert_array_equal(first.spikes, dense.spikes)
    rows = [run.ledger["cores_total"]["rows_fetched"] for run in (first, dense, again)]
    assert rows[0] == rows[2] < rows[1]
    assert board.closed
    with pytest.raises(nernst.Error, match="closed"):
        board.run(image, spikes)


def test_an_image_for_another_array_is_refused_and_the_board_goes_on(small, image, digits):
    spikes = small.encode(digits[0][:2])
    with nernst.Board("model", "tiny") as board:
        with pytest.raises(nernst.Error, match="is for an array of `25f`") as error:
            board.run(small.compile("25f"), spikes)
        assert "compile the network for `tiny`" in error.value.help
        same(small, board.run(image, spikes), spikes)


def test_the_ledger_counts_what_went_in_and_out(small, image, digits):
    spikes = small.encode(digits[0][:5])
    run = image.run(spikes, "model")
    ledger = run.ledger
    assert ledger["array"]["ticks"] == 5 * 17
    assert ledger["array"]["host_spikes_in"] == spikes.sum()
    assert ledger["array"]["host_spikes_out"] == run.spikes.sum()
    for name, total in ledger["cores_total"].items():
        assert total == sum(core[name] for core in ledger["cores"])
    assert set(ledger["array"]) | set(ledger["cores_total"]) == set(nernst.counters())


def test_a_bill_is_counts_times_prices(small, image, digits, tmp_path):
    run = image.run(small.encode(digits[0][:5]), "model")
    bill = run.bill("loihi")
    assert bill["total"]["grade"] in ("assumed", "derived", "simulated", "measured")
    assert bill["total"]["joules"] == pytest.approx(sum(line["joules"] for line in bill["lines"]))
    table = tmp_path / "mine.toml"
    table.write_text(
        'name = "mine"\ntitle = "A pJ a row"\n[[price]]\ncounter = "rows_fetched"\nvalue = 1.0\nunit = "pJ"\n'
        'source = "a meter"\ngrade = "measured"\nscope = "per-operation"\n'
    )
    mine = run.bill(str(table))
    assert mine["total"]["joules"] == pytest.approx(1e-12 * run.ledger["cores_total"]["rows_fetched"])
    assert mine["total"]["grade"] == "measured" and any(u["counter"] == "events" for u in mine["unpriced"])


def test_a_report_is_that_of_the_command(small, image, digits, tmp_path):
    pixels, labels = digits
    run = image.run(small.encode(pixels[:20]), "model")
    run.save_report(tmp_path / "run.json", labels[:20], data="digits")
    report = json.loads((tmp_path / "run.json").read_text())
    assert report["samples"] == 20 and report["correct"] == (run.classes == labels[:20]).sum()
    assert report["ledger"] == run.ledger and report["ticks_per_sample"] == 17
    assert report["cores"][0]["populations"]
