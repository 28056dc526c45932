"""Types of the extension module; `python/src` documents each call where it is."""

from collections.abc import Callable, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Literal, TypeAlias, TypedDict, final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

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
    "limits",
    "ports",
    "price_tables",
]

__version__: str

_Path: TypeAlias = str | PathLike[str]
_Spikes: TypeAlias = NDArray[np.bool_] | NDArray[np.uint8]
_Pixels: TypeAlias = NDArray[np.uint8]
_Progress: TypeAlias = Callable[[int, int], object]
_Readout: TypeAlias = Literal["spikes", "membranes"]

class _Population(TypedDict):
    name: str
    weight_bits: int
    threshold: NDArray[np.int32]
    leak: NDArray[np.int32]
    subtract: NDArray[np.bool_]
    bias: NDArray[np.int32]

class _Projection(TypedDict):
    source: str | None
    target: str
    tied: bool
    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    weights: NDArray[np.int8]
    delays: NDArray[np.int32]

class _Integers(TypedDict):
    inputs: int
    output: str
    readout: _Readout
    populations: list[_Population]
    projections: list[_Projection]

class _Ledger(TypedDict):
    array: dict[str, int]
    cores_total: dict[str, int]
    cores: list[dict[str, int]]

class _Mismatches(TypedDict):
    total: int
    spikes: int
    counters: int
    membranes: int | None
    first: list[str]

class _Counter(TypedDict):
    group: str
    place: Literal["array", "core"]
    exact: bool
    sentence: str

class _Identity(TypedDict):
    config: str
    clock_hz: int
    baud: int
    inputs: int
    cores: int
    neurons: int
    build: str

class _Limits(TypedDict):
    min_weight: int
    max_weight: int
    max_threshold: int
    clamp: tuple[int, int]
    leak_one: int

class Error(Exception):
    help: str | None

@final
class Network:
    @staticmethod
    def load(path: _Path) -> Network: ...
    @staticmethod
    def from_json(text: str) -> Network: ...
    @staticmethod
    def from_nir(
        path: _Path,
        code: str,
        *,
        bits: int = 8,
        reset: str = "zero",
        method: str = "euler",
        dt: float | None = None,
        name: str | None = None,
    ) -> Network: ...
    def save(self, path: _Path) -> None: ...
    def to_json(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def steps(self) -> int: ...
    @property
    def inputs(self) -> int: ...
    @property
    def outputs(self) -> int: ...
    @property
    def neurons(self) -> int: ...
    @property
    def synapses(self) -> int: ...
    @property
    def readout(self) -> _Readout: ...
    @property
    def remarks(self) -> list[str]: ...
    def with_bits(self, bits: int) -> Network: ...
    def losses(self) -> list[str]: ...
    def integers(self) -> _Integers: ...
    def encode(self, pixels: _Pixels) -> NDArray[np.bool_]: ...
    def compile(self, config: str = "25f", *, keep_all: bool = False) -> Image: ...
    def run(self, spikes: _Spikes, *, progress: _Progress | None = None) -> Run: ...

@final
class Placement:
    def to_dict(self) -> dict[str, Any]: ...

@final
class Image:
    @staticmethod
    def load(path: _Path) -> Image: ...
    @staticmethod
    def from_bytes(bytes: bytes) -> Image: ...
    def save(self, path: _Path) -> None: ...
    def to_bytes(self) -> bytes: ...
    @property
    def name(self) -> str: ...
    @property
    def config(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def ticks(self) -> int: ...
    @property
    def latency(self) -> int: ...
    @property
    def inputs(self) -> int: ...
    @property
    def outputs(self) -> int: ...
    @property
    def readout(self) -> _Readout: ...
    @property
    def placement(self) -> Placement | None: ...
    def dense(self) -> Image: ...
    def encode(self, pixels: _Pixels) -> NDArray[np.bool_]: ...
    def run(
        self,
        spikes: _Spikes,
        port: str = "virtual",
        *,
        baud: int | None = None,
        membranes: bool = False,
        progress: _Progress | None = None,
    ) -> Run: ...

@final
class Board:
    def __new__(cls, port: str = "virtual", config: str = "25f", *, baud: int | None = None) -> Self: ...
    def load(self, image: Image, *, progress: _Progress | None = None) -> None: ...
    def run(
        self,
        image: Image,
        spikes: _Spikes,
        *,
        membranes: bool = False,
        progress: _Progress | None = None,
    ) -> Run: ...
    @property
    def identity(self) -> _Identity: ...
    @property
    def closed(self) -> bool: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None: ...

@final
class Run:
    @property
    def spikes(self) -> NDArray[np.bool_]: ...
    @property
    def steps(self) -> NDArray[np.bool_]: ...
    @property
    def latency(self) -> int: ...
    @property
    def answers(self) -> NDArray[np.int64]: ...
    @property
    def membranes(self) -> NDArray[np.int32] | None: ...
    @property
    def classes(self) -> NDArray[np.int64]: ...
    @property
    def ledger(self) -> _Ledger | None: ...
    @property
    def mismatches(self) -> _Mismatches | None: ...
    @property
    def seconds(self) -> float | None: ...
    def bill(self, prices: str = "ecp5") -> dict[str, Any]: ...
    def save_report(
        self, path: _Path, labels: Sequence[int] | NDArray[np.integer[Any]], *, data: str = "python"
    ) -> None: ...
    def __len__(self) -> int: ...

def configurations() -> list[str]: ...
def counters() -> dict[str, _Counter]: ...
def dataset(
    name: str = "digits",
) -> tuple[tuple[NDArray[np.uint8], NDArray[np.uint8]], tuple[NDArray[np.uint8], NDArray[np.uint8]]]: ...
def encode(pixels: _Pixels, code: str) -> NDArray[np.bool_]: ...
def limits(bits: int) -> _Limits: ...
def ports() -> list[str]: ...
def price_tables() -> list[str]: ...
