"""A run beside an interpreter that goes on: progress, Ctrl-C, other threads."""

import os
import signal
import threading

import nernst
import numpy as np
import pytest
from conftest import NETWORKS

#: Far more than anybody waits for.
ENDLESS = np.broadcast_to(np.ones((1, 16, 64), bool), (20_000, 16, 64))


def test_progress_is_told_until_all_is_done(small, image, digits):
    spikes = small.encode(digits[0][:30])
    for run in (small.run, lambda spikes, progress: image.run(spikes, "model", progress=progress)):
        told = []
        run(spikes, progress=lambda done, all: told.append((done, all)))
        assert told == sorted(told) and told[-1] == (30, 30)


@pytest.mark.parametrize("port", ["integers", "model", "virtual"])
def test_ctrl_c_ends_a_run(small, image, port):
    begun = threading.Event()
    done = []

    def progress(samples: int, _all: int) -> None:
        done.append(samples)
        begun.set()

    def press() -> None:
        # It can only run because the run does not hold the interpreter.
        begun.wait()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        if port == "integers":
            nernst.Network.load(NETWORKS / "rnn-128-rate-int4.json").run(ENDLESS, progress=progress)
        else:
            image.run(ENDLESS, port, progress=progress)
    thread.join()
    assert 0 < done[-1] < len(ENDLESS)


def test_an_exception_of_progress_ends_the_run_and_closes_the_board(small, image):
    def progress(_done: int, _all: int) -> None:
        raise ValueError("enough")

    board = nernst.Board("model", "tiny")
    with pytest.raises(ValueError, match="enough"):
        board.run(image, ENDLESS, progress=progress)
    assert board.closed


def test_runs_in_several_threads(small, image, digits):
    spikes = small.encode(digits[0][:20])
    runs = {}

    def run(number: int) -> None:
        runs[number] = image.run(spikes, "model")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((runs[number].spikes == runs[0].spikes).all() for number in range(3))


def test_a_board_is_busy_while_it_runs(image, digits):
    board = nernst.Board("model", "tiny")
    told = []

    def progress(_done: int, _all: int) -> None:
        assert not board.closed
        with pytest.raises(nernst.Error, match="busy with another call"):
            board.run(image, ENDLESS[:1])
        told.append(True)

    spikes = image.encode(digits[0][:10])
    assert len(board.run(image, spikes, progress=progress)) == 10 and told
    board.close()
    assert board.closed
