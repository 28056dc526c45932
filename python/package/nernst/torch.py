"""Networks in torch whose forward pass is the array's arithmetic, to the bit.

A neuron does in each step what `nernst_spec::tick` says: it adds the weights of what it hears, fires at `v >= threshold`, resets, leaks by 512ths rounded
toward zero, and is clamped. Weights are INT4 or INT8 by fake quantisation. Backward the rounding and the leak's truncation are passed straight through, a
spike has the slope of a fast sigmoid, `1 / (1 + slope |v / threshold - 1|)^2`, and no gradient passes the reset.

Weights are real parameters in units of the threshold. A neuron's `scale` is one weight step: its threshold is `1 / scale` steps, a whole number, and a weight
w is `round(w / scale)` steps. `calibrate()` chooses scales from the weights as they are; call it now and then while you train, as at the start of each epoch.

    network = Network(Linear(64, 128), Linear(128, 10), code="rate-16")
    spikes = network(network.encode(pixels))        # (samples, steps, outputs)
    network.export().save("network.json")           # for `nernst compile`

Why it is exact: every value is a whole number that float32 holds exactly (below 2**24), sums of such are exact in any order, and the product of membrane and
leak, which may be larger, is taken in int32. Convolutions are matrix products of patches, because a library may choose an algorithm with fractions (Winograd,
FFT). `forward` switches autocast off, since bfloat16 does not hold every whole number above 256.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import Any

try:
    import torch
    import torch.nn.functional as functional
    from torch import Tensor, nn
except ImportError as error:
    raise ImportError(
        "nernst.torch needs PyTorch, which is not a dependency of nernst because of its size: pip install torch"
    ) from error

import nernst
from nernst._nernst import limits

__all__ = ["Conv2d", "Conv2dSynapses", "Dense", "Layer", "Linear", "Network", "Neurons", "Recurrent", "Synapses", "Tied", "load"]

#: Shares of the largest weight that are tried as the largest integer's weight.
_CLIPS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6)
#: Membranes below it times 512 are int32.
_MOST = 1 << 22


class _Quantise(torch.autograd.Function):
    """Real weights as whole steps; backward as if they were not rounded."""

    @staticmethod
    def forward(ctx: Any, weights: Tensor, scale: Tensor, low: int, high: int) -> Tensor:
        ctx.save_for_backward(scale)
        return torch.round(weights / scale).clamp(low, high)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        (scale,) = ctx.saved_tensors
        return gradient / scale, None, None, None


class _Fire(torch.autograd.Function):
    """1 where a membrane reaches its threshold."""

    @staticmethod
    def forward(ctx: Any, membranes: Tensor, threshold: Tensor, slope: float) -> Tensor:
        ctx.save_for_backward(membranes, threshold)
        ctx.slope = slope
        return (membranes >= threshold).to(membranes.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        membranes, threshold = ctx.saved_tensors
        distance = 1 + ctx.slope * (membranes / threshold - 1).abs()
        return gradient / (threshold * distance * distance), None, None


class _Leak(torch.autograd.Function):
    """What a membrane keeps, rounded toward zero and clamped; backward without either."""

    @staticmethod
    def forward(ctx: Any, membranes: Tensor, leak: Tensor, one: int, low: int, high: int) -> Tensor:
        ctx.save_for_backward(leak)
        ctx.one = one
        kept = torch.div(membranes.to(torch.int32) * leak, one, rounding_mode="trunc")
        return kept.clamp(low, high).to(membranes.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        (leak,) = ctx.saved_tensors
        return gradient * (leak / ctx.one), None, None, None, None


class Neurons(nn.Module):
    """Neurons of one precision.

    bits: 4 or 8, of the weights that they hear. leak: what a membrane keeps from step to step in 512ths, 0 to 512, one number or one for each. reset: "zero" or
    "subtract". bias: a number that is learned is added in each step. fires: False of outputs that are read as membranes. scale: "layer" for one weight step, or
    "neuron" for one for each neuron (or channel, `group` neurons). slope: of the surrogate gradient.
    """

    scale: Tensor
    leak: Tensor

    def __init__(
        self,
        count: int,
        *,
        bits: int = 4,
        leak: int | Sequence[int] | Tensor = 480,
        reset: str = "zero",
        bias: bool = False,
        fires: bool = True,
        scale: str = "layer",
        group: int = 1,
        slope: float = 10.0,
    ) -> None:
        super().__init__()
        self.limits = limits(bits)
        one = self.limits["leak_one"]
        leaks = torch.as_tensor(leak, dtype=torch.int32).broadcast_to(count).clone()
        if not bool(((leaks >= 0) & (leaks <= one)).all()):
            raise nernst.Error(f"leak {leak}: it is told in {one}ths, 0 to {one}")
        if reset not in ("zero", "subtract"):
            raise nernst.Error(f"unknown reset {reset!r}: zero or subtract")
        if scale not in ("layer", "neuron"):
            raise nernst.Error(f"unknown scale {scale!r}: layer or neuron")
        if count < 1 or group < 1 or count % group:
            raise nernst.Error(f"{count} neurons in groups of {group}")
        self.count, self.bits, self.reset, self.fires = count, bits, reset, fires
        self.each, self.group, self.slope = scale == "neuron", group, slope
        self.register_buffer("leak", leaks)
        self.register_buffer("scale", torch.full((count,), 1 / self.limits["max_weight"]))
        self.bias = nn.Parameter(torch.zeros(count)) if bias else None

    @property
    def threshold(self) -> Tensor:
        """In weight steps, whole; the largest there is where the neurons do not fire."""
        most = self.limits["max_threshold"]
        return (torch.round(1 / self.scale).clamp(1, most) if self.fires else torch.full_like(self.scale, most))

    def steps_of_bias(self) -> Tensor | None:
        most = self.limits["max_threshold"]
        return None if self.bias is None else _Quantise.apply(self.bias, self.scale, -most, most)

    @torch.no_grad()
    def calibrate(self, weights: Tensor) -> None:
        """Chooses scales that bring `weights` (neurons or groups, weights heard) nearest: of some shares of the largest weight the one with the least square."""
        rows = weights.reshape(self.count // self.group if self.each else 1, -1)
        low, high = -self.limits["max_weight"], self.limits["max_weight"]
        widest = rows.abs().amax(dim=1, keepdim=True) / high
        best, least = widest, torch.full_like(widest, torch.inf)
        for clip in _CLIPS:
            step = clip * widest
            error = (rows - step * torch.round(rows / step).clamp(low, high)).square().sum(dim=1, keepdim=True)
            best, least = torch.where(error < least, step, best), torch.minimum(error, least)
        if self.fires:
            # A whole threshold, so that nothing of it is lost.
            best = 1 / torch.round(1 / best).clamp(1, self.limits["max_threshold"])
        chosen = best.repeat_interleave(self.count // len(best), dim=0).reshape(-1)
        # Neurons that hear nothing keep what they have.
        heard = (widest > 0).repeat_interleave(self.count // len(best), dim=0).reshape(-1)
        self.scale.copy_(torch.where(heard, chosen, self.scale))

    def tick(self, membranes: Tensor, threshold: Tensor) -> tuple[Tensor, Tensor]:
        """Spikes, and the membranes after reset, leak and clamp: `nernst_spec::tick::update`."""
        spikes = _Fire.apply(membranes, threshold, self.slope)
        fired = spikes.detach()
        kept = membranes * (1 - fired) if self.reset == "zero" else membranes - threshold * fired
        low, high = self.limits["clamp"]
        return spikes, _Leak.apply(kept, self.leak, self.limits["leak_one"], low, high)

    def forward(self, currents: Tensor) -> tuple[Tensor, Tensor]:
        """Spikes (samples, steps, neurons) and last membranes (samples, neurons) for sums of weights in steps (samples, steps, neurons)."""
        threshold, bias = self.threshold, self.steps_of_bias()
        membranes, spikes = currents.new_zeros(len(currents), self.count), []
        for current in currents.unbind(1):
            membranes = membranes + current if bias is None else membranes + current + bias
            fired, membranes = self.tick(membranes, threshold)
            spikes.append(fired)
        return torch.stack(spikes, 1), membranes

    def extra_repr(self) -> str:
        return f"{self.count}, bits={self.bits}, reset={self.reset!r}, fires={self.fires}"


class Synapses(nn.Module):
    """Synapses from `sources` lines or neurons to `targets` neurons."""

    tied = False

    def __init__(self, sources: int, targets: int) -> None:
        super().__init__()
        self.sources, self.targets = sources, targets

    def rows(self) -> Tensor:
        """Real weights, a row for each target or group of targets with the weights that it hears."""
        raise NotImplementedError

    def quantised(self, neurons: Neurons) -> Tensor:
        """Weights in steps of the neurons' scales."""
        raise NotImplementedError

    def current(self, weights: Tensor, spikes: Tensor) -> Tensor:
        """Sums (n, targets) of quantised weights for spikes (n, sources)."""
        raise NotImplementedError

    def matrix(self, neurons: Neurons) -> Tensor:
        """Quantised weights (targets, sources)."""
        weights = self.quantised(neurons)
        return self.current(weights, torch.eye(self.sources, device=weights.device)).T


class Dense(Synapses):
    """A weight for each pair; `mask` (targets, sources) where there is a synapse, everywhere unless given."""

    mask: Tensor | None

    def __init__(self, sources: int, targets: int, mask: Tensor | None = None) -> None:
        super().__init__(sources, targets)
        bound = 1 / max(sources, 1) ** 0.5
        self.weight = nn.Parameter(torch.empty(targets, sources).uniform_(-bound, bound))
        self.register_buffer("mask", mask)

    def rows(self) -> Tensor:
        return self.weight if self.mask is None else self.weight * self.mask

    def quantised(self, neurons: Neurons) -> Tensor:
        least, most = neurons.limits["min_weight"], neurons.limits["max_weight"]
        steps: Tensor = _Quantise.apply(self.rows(), neurons.scale[:, None], least, most)
        return steps

    def current(self, weights: Tensor, spikes: Tensor) -> Tensor:
        return functional.linear(spikes, weights)


class Tied(Dense):
    """Pairs that share weights: `index` (targets, sources) says which of `count` weights each pair has, -1 where there is no synapse."""

    tied = True
    index: Tensor

    def __init__(self, index: Tensor, count: int) -> None:
        Synapses.__init__(self, index.shape[1], index.shape[0])
        bound = 1 / max(index.shape[1], 1) ** 0.5
        self.weight = nn.Parameter(torch.empty(count).uniform_(-bound, bound))
        self.register_buffer("index", index)

    def rows(self) -> Tensor:
        return torch.where(self.index >= 0, self.weight[self.index.clamp(min=0)], 0.0)


class Conv2dSynapses(Synapses):
    """A convolution of an image `shape` (channels, height, width), whose neurons and those of the result are numbered in that order."""

    tied = True

    def __init__(
        self, shape: tuple[int, int, int], channels: int, kernel: int, *, stride: int = 1, padding: int = 0
    ) -> None:
        depth, *size = shape
        height, width = ((length + 2 * padding - kernel) // stride + 1 for length in size)
        if min(depth, channels, kernel, stride, height, width) < 1 or padding < 0:
            raise nernst.Error(f"a convolution of {shape} with kernel {kernel}, stride {stride}, padding {padding} has no result")
        super().__init__(depth * size[0] * size[1], channels * height * width)
        self.shape, self.result = shape, (channels, height, width)
        self.kernel, self.stride, self.padding = kernel, stride, padding
        bound = 1 / (depth * kernel * kernel) ** 0.5
        self.weight = nn.Parameter(torch.empty(channels, depth * kernel * kernel).uniform_(-bound, bound))

    def rows(self) -> Tensor:
        return self.weight

    def quantised(self, neurons: Neurons) -> Tensor:
        # One scale for each channel.
        scale = neurons.scale[:: self.result[1] * self.result[2], None]
        steps: Tensor = _Quantise.apply(self.weight, scale, neurons.limits["min_weight"], neurons.limits["max_weight"])
        return steps

    def current(self, weights: Tensor, spikes: Tensor) -> Tensor:
        images = spikes.reshape(-1, *self.shape)
        patches = functional.unfold(images, self.kernel, padding=self.padding, stride=self.stride)
        return (weights @ patches).reshape(len(images), -1)


class Layer(nn.Module):
    """Neurons that hear the layer before, and with `echo` themselves a step later."""

    def __init__(self, feed: Synapses, neurons: Neurons, echo: Synapses | None = None) -> None:
        super().__init__()
        self.feed, self.neurons, self.echo = feed, neurons, echo
        self.calibrate()

    def calibrate(self) -> None:
        """Chooses the neurons' scales from the weights as they are."""
        _calibrate(self.neurons, [self.feed] if self.echo is None else [self.feed, self.echo])

    def forward(self, spikes: Tensor) -> Tensor:
        """Spikes (samples, steps, neurons) for spikes (samples, steps, sources)."""
        projections: list[_Projection] = [(None, 0, 0, self.feed)]
        if self.echo is not None:
            projections.append((0, 0, 1, self.echo))
        return _simulate([self.neurons], projections, spikes)[0][0]


class Linear(Layer):
    """A layer in which every neuron hears every source. Options: see `Neurons`."""

    def __init__(self, sources: int, neurons: int, **options: Any) -> None:
        super().__init__(Dense(sources, neurons), Neurons(neurons, **options))


class Recurrent(Layer):
    """A layer in which every neuron hears every source, and every neuron of the layer a step after it fired. Options: see `Neurons`."""

    def __init__(self, sources: int, neurons: int, **options: Any) -> None:
        super().__init__(Dense(sources, neurons), Neurons(neurons, **options), Dense(neurons, neurons))


class Conv2d(Layer):
    """A convolution of an image `shape` (channels, height, width). `result` is the shape that comes out. Options: see `Neurons`; scale="neuron" has one for
    each channel."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        channels: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: int = 0,
        **options: Any,
    ) -> None:
        feed = Conv2dSynapses(shape, channels, kernel, stride=stride, padding=padding)
        super().__init__(feed, Neurons(feed.targets, group=feed.targets // channels, **options))
        self.result = feed.result


#: Number of the source population (None: the inputs), number of the target, delay in steps, synapses.
_Projection = tuple["int | None", int, int, Synapses]


class Network(nn.Module):
    """A network: layers one after the other, or with `add` and `connect` any graph of populations.

    code: how samples become spikes, and in how many steps, as in "rate-16". Populations stand in the order in which they take a step; synapses with a delay of
    0 are heard in the step in which their source fires and lead on, others wherever they like.
    """

    def __init__(self, *layers: Layer, inputs: int | None = None, code: str = "rate-16", name: str = "network") -> None:
        super().__init__()
        if inputs is None:
            if not layers:
                raise nernst.Error("a network without layers: give its number of inputs, then add and connect populations")
            inputs = layers[0].feed.sources
        self.inputs, self.code, self.name = inputs, code, name
        self.names: list[str] = []
        self.output: str | None = None
        self.populations = nn.ModuleList()
        self.synapses = nn.ModuleList()
        self._ways: list[tuple[int | None, int, int]] = []
        before: str | None = None
        for number, layer in enumerate(layers, 1):
            title = f"layer{number}"
            self.add(title, layer.neurons)
            self.connect(before, title, layer.feed)
            if layer.echo is not None:
                self.connect(title, title, layer.echo, delay=1)
            before = title

    def add(self, name: str, neurons: Neurons) -> None:
        """Adds a population. The last one added is the output, unless `output` names another."""
        if name in self.names:
            raise nernst.Error(f"another population is called {name!r}, too")
        self.names.append(name)
        self.populations.append(neurons)
        self.output = name

    def connect(self, source: str | None, target: str, synapses: Synapses, *, delay: int = 0) -> None:
        """Adds synapses from a population, or from the inputs (None), to a population. delay: in steps."""
        start, end = None if source is None else self._number(source), self._number(target)
        count = self.inputs if start is None else self._neurons(start).count
        if (synapses.sources, synapses.targets) != (count, self._neurons(end).count):
            raise nernst.Error(
                f"synapses from {source or 'the inputs'} to {target}: they are for {synapses.sources} sources and {synapses.targets} targets, "
                f"there are {count} and {self._neurons(end).count}"
            )
        if delay < 0 or (delay == 0 and start is not None and start >= end):
            raise nernst.Error(f"synapses from {source} to {target} with a delay of {delay}: a step at least, because {source} is not before {target}")
        if (start, end, delay) in self._ways:
            raise nernst.Error(f"synapses from {source or 'the inputs'} to {target} with a delay of {delay}: there are some already")
        self._ways.append((start, end, delay))
        self.synapses.append(synapses)

    def _number(self, name: str) -> int:
        if name not in self.names:
            raise nernst.Error(f"no population is called {name!r}: there are {', '.join(self.names) or 'none'}")
        return self.names.index(name)

    def _neurons(self, number: int) -> Neurons:
        return self.populations[number]  # type: ignore[return-value]

    def _projections(self) -> list[_Projection]:
        return [(*way, synapses) for way, synapses in zip(self._ways, self.synapses)]  # type: ignore[misc]

    def _output(self) -> int:
        if self.output is None:
            raise nernst.Error("a network without populations: add some")
        return self._number(self.output)

    @property
    def readout(self) -> str:
        """What of the outputs is the result: "spikes", or "membranes" where they do not fire."""
        return "spikes" if self._neurons(self._output()).fires else "membranes"

    def encode(self, pixels: Any) -> Tensor:
        """Spikes (samples, steps, inputs) by the network's code from a uint8 array (samples, inputs) of values 0 to 16."""
        return torch.from_numpy(nernst.encode(pixels, self.code)).to(torch.float32)

    def calibrate(self) -> None:
        """Chooses the scales of all populations from the weights as they are."""
        for number, neurons in enumerate(self.populations):
            _calibrate(neurons, [synapses for _, target, _, synapses in self._projections() if target == number])  # type: ignore[arg-type]

    def simulate(self, spikes: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Spikes (samples, steps, neurons) and last membranes (samples, neurons) of every population, from resting membranes."""
        if spikes.ndim != 3 or spikes.shape[2] != self.inputs or spikes.shape[1] == 0:
            raise nernst.Error(f"spikes of shape {tuple(spikes.shape)}: expected (samples, steps, {self.inputs}) with at least one step")
        spiked, membranes = _simulate(list(self.populations), self._projections(), spikes)  # type: ignore[arg-type]
        return dict(zip(self.names, spiked)), dict(zip(self.names, membranes))

    def forward(self, spikes: Tensor) -> Tensor:
        """For spikes (samples, steps, inputs) those of the outputs (samples, steps, outputs); or their last membranes (samples, outputs) in weight steps where they
        do not fire."""
        output = self.names[self._output()]
        spiked, membranes = self.simulate(spikes)
        return spiked[output] if self.readout == "spikes" else membranes[output]

    def answers(self, spikes: Tensor) -> Tensor:
        """How strongly each output answers (samples, outputs): its spikes over all steps, or its last membrane. Same numbers as `nernst.Run.answers`."""
        result: Tensor = self(spikes)
        return result.sum(1) if self.readout == "spikes" else result

    @torch.no_grad()
    def export(self, name: str | None = None) -> nernst.Network:
        """The network with its integers, as `nernst compile` takes it: `export().save(path)`, or `export().compile("25f")`."""
        populations = []
        for title, neurons in zip(self.names, map(self._neurons, range(len(self.names)))):
            population: dict[str, Any] = {"name": title, "neurons": neurons.count, "weight_bits": neurons.bits}
            if neurons.fires:
                population["threshold"] = _integers(neurons.threshold)
            population |= {"leak": _integers(neurons.leak), "reset": neurons.reset}
            if (bias := neurons.steps_of_bias()) is not None:
                population["bias"] = _integers(bias)
            populations.append(population)
        projections = []
        for source, target, delay, synapses in self._projections():
            matrix = synapses.matrix(self._neurons(target)).to(torch.int32)
            projection: dict[str, Any] = {} if source is None else {"from": self.names[source]}
            projection |= {"to": self.names[target], "delay": delay, "tied": synapses.tied}
            if 2 * int(matrix.count_nonzero()) >= matrix.numel():
                projection["weights"] = matrix.tolist()
            else:
                projection["sparse"] = _lists(matrix)
            projections.append(projection)
        coding, _, ticks = self.code.partition("-")
        file = {
            "format": "nernst network 2",
            "name": name or self.name,
            "coding": coding,
            "ticks": int(ticks) if ticks.isdecimal() else ticks,
            "inputs": self.inputs,
            "populations": populations,
            "projections": projections,
            "output": self.names[self._output()],
            "readout": self.readout,
        }
        return nernst.Network.from_json(json.dumps(file))

    @staticmethod
    def load(network: nernst.Network | str | os.PathLike[str]) -> Network:
        """A network, or that of a network file, in torch: see `load`."""
        return load(network)


def load(network: nernst.Network | str | os.PathLike[str]) -> Network:
    """A network, or that of a network file, with the integers that the array computes with, to be run or trained on.

    A projection in which most pairs have a synapse has weights for all pairs; in others pairs without a synapse stay without one. Tied weights stay tied.
    """
    if not isinstance(network, nernst.Network):
        network = nernst.Network.load(network)
    integers = network.integers()
    result = Network(inputs=integers["inputs"], code=network.code, name=network.name)
    for of in integers["populations"]:
        fires = integers["readout"] == "spikes" or of["name"] != integers["output"]
        bias = torch.from_numpy(of["bias"])
        neurons = Neurons(
            len(bias),
            bits=of["weight_bits"],
            leak=torch.from_numpy(of["leak"]),
            reset="subtract" if bool(of["subtract"][0]) else "zero",
            bias=bool(bias.any()),
            fires=fires,
            scale="neuron" if len(set(of["threshold"].tolist())) > 1 else "layer",
        )
        with torch.no_grad():
            if fires:
                neurons.scale.copy_(1 / torch.from_numpy(of["threshold"]))
            if neurons.bias is not None:
                neurons.bias.copy_(bias * neurons.scale)
        result.add(of["name"], neurons)
    result.output = integers["output"]
    for way in integers["projections"]:
        end = result._neurons(result._number(way["target"]))
        count = integers["inputs"] if way["source"] is None else result._neurons(result._number(way["source"])).count
        delays = torch.from_numpy(way["delays"])
        for delay in sorted(set(delays.tolist())):
            here = delays == delay
            places = torch.from_numpy(way["targets"])[here].long(), torch.from_numpy(way["sources"])[here].long()
            steps = torch.from_numpy(way["weights"])[here]
            result.connect(way["source"], way["target"], _synapses(count, end, places, steps, way["tied"]), delay=delay)
    return result


@torch.no_grad()
def _synapses(sources: int, neurons: Neurons, places: tuple[Tensor, Tensor], steps: Tensor, tied: bool) -> Synapses:
    """Synapses with these weights in steps at these (targets, sources)."""
    shape = (neurons.count, sources)
    scale = neurons.scale[places[0]]
    if tied and not neurons.each:
        values, which = steps.unique(return_inverse=True)  # type: ignore[no-untyped-call]
        index = torch.full(shape, -1)
        index[places] = which
        synapses: Dense = Tied(index, len(values))
        synapses.weight.copy_(values * neurons.scale[0])
        return synapses
    mask = None
    if 2 * len(steps) < neurons.count * sources:
        mask = torch.zeros(shape)
        mask[places] = 1
    synapses = Dense(sources, neurons.count, mask)
    synapses.weight.zero_()
    synapses.weight[places] = steps * scale
    return synapses


def _calibrate(neurons: Neurons, heard: Iterable[Synapses]) -> None:
    groups = neurons.count // neurons.group
    rows = [synapses.rows().detach().reshape(groups, -1) for synapses in heard]
    if rows:
        neurons.calibrate(torch.cat(rows, 1))


def _simulate(
    populations: list[Neurons], projections: list[_Projection], inputs: Tensor
) -> tuple[list[Tensor], list[Tensor]]:
    """Spikes and last membranes of each population."""
    with torch.autocast(inputs.device.type, enabled=False):
        inputs = inputs.to(torch.float32)
        for number, neurons in enumerate(populations):
            sources = sum(synapses.sources for _, target, _, synapses in projections if target == number)
            bounds = neurons.limits
            largest = bounds["clamp"][1] + bounds["max_threshold"] - bounds["min_weight"] * sources
            if largest >= _MOST:
                raise nernst.Error(f"population {number}: its neurons hear {sources} sources, far more than any array has axons")
        samples, steps, _ = inputs.shape
        weights = [synapses.quantised(populations[target]) for _, target, _, synapses in projections]
        # What comes from the inputs is known for all steps.
        flat = inputs.reshape(samples * steps, -1)
        known = [
            synapses.current(weight, flat).reshape(samples, steps, -1) if source is None else None
            for (source, _, _, synapses), weight in zip(projections, weights)
        ]
        thresholds = [neurons.threshold for neurons in populations]
        biases = [neurons.steps_of_bias() for neurons in populations]
        membranes = [inputs.new_zeros(samples, neurons.count) for neurons in populations]
        spikes: list[list[Tensor]] = [[] for _ in populations]
        for step in range(steps):
            for number, neurons in enumerate(populations):
                v = membranes[number]
                for (source, target, delay, synapses), weight, current in zip(projections, weights, known):
                    if target != number or delay > step:
                        continue
                    if source is None:
                        assert current is not None
                        v = v + current[:, step - delay]
                    else:
                        v = v + synapses.current(weight, spikes[source][step - delay])
                bias = biases[number]
                fired, membranes[number] = neurons.tick(v if bias is None else v + bias, thresholds[number])
                spikes[number].append(fired)
        return [torch.stack(of, 1) for of in spikes], membranes


def _integers(values: Tensor) -> int | list[int]:
    """One number where all are the same."""
    whole = values.to(torch.int32).tolist()
    return whole[0] if len(set(whole)) == 1 else whole


def _lists(matrix: Tensor) -> list[list[int]]:
    """A row for each source with a synapse: its number, then target and weight of each."""
    rows = []
    for source, weights in enumerate(matrix.T.tolist()):
        pairs = [value for target, weight in enumerate(weights) if weight for value in (target, weight)]
        if pairs:
            rows.append([source, *pairs])
    return rows
