"""Spiking networks on Nernst: an array of neurons that counts what each run costs.

>>> import nernst
>>> (_, _), (pixels, labels) = nernst.dataset()
>>> image = nernst.Network.load("networks/digits/mlp-128-rate-int4.json").compile("25f")
>>> run = image.run(image.encode(pixels), "virtual")
>>> (run.classes == labels).mean(), run.mismatches["total"]

Classes: `Network` (a network file, or of a NIR file), `Image` (placed on an array), `Board` (whatever answers on a port), `Run` (what samples gave).
Everything that goes wrong is a `nernst.Error`, whose `help` says what to do about it. `nernst.torch` trains networks in torch.
"""

from ._nernst import (
    Board,
    Error,
    Image,
    Network,
    Placement,
    Run,
    __version__,
    configurations,
    counters,
    dataset,
    encode,
    ports,
    price_tables,
)

__all__ = [
    "Board",
    "Error",
    "Image",
    "Network",
    "Placement",
    "Run",
    "__version__",
    "configurations",
    "counters",
    "dataset",
    "encode",
    "ports",
    "price_tables",
]
