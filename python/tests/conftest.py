from pathlib import Path

import nernst
import pytest

ROOT = Path(__file__).parents[2]
NETWORKS = ROOT / "networks" / "digits"
NIR = ROOT / "nir" / "tests" / "data"


@pytest.fixture(scope="session")
def small() -> nernst.Network:
    """64-32-10, of which `tiny` has room."""
    return nernst.Network.load(NETWORKS / "mlp-32-rate-int4.json")


@pytest.fixture(scope="session")
def digits():
    """The test part of the digits: pixels and labels."""
    return nernst.dataset()[1]


@pytest.fixture(scope="session")
def image(small) -> nernst.Image:
    """It, placed on `tiny`."""
    return small.compile("tiny")
