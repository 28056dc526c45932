# %% [markdown]
# # Handwritten digits: trained in torch, run on the array
#
# 64-128-10 spiking neurons with INT4 weights learn the 8x8 digits with the array's own arithmetic, are placed on `25f`, and run on its RTL in simulation. What
# torch computed and what the array computes is the same, spike for spike, so the accuracy is, too.
#
# Run as a script (`python python/examples/digits.py`), or cell by cell in an editor that knows `# %%`.

# %%
import argparse
import time

import nernst
import numpy as np
import torch
from nernst.torch import Linear, Network
from torch.nn.functional import cross_entropy

parser = argparse.ArgumentParser(description="Train 64-128-10 in torch and run it on the virtual board.")
parser.add_argument("--epochs", type=int, default=40, help="passes over the training images [40]")
parser.add_argument("--port", default="virtual", help="virtual, model, or a serial port [virtual]")
parser.add_argument("--output", default=None, help="network file to write")
options = parser.parse_known_args()[0]

torch.manual_seed(0)
# Matrices this small are slower on several threads.
torch.set_num_threads(1)
(train_pixels, train_labels), (test_pixels, test_labels) = nernst.dataset("digits")
network = Network(Linear(64, 128, bits=4, leak=480), Linear(128, 10, bits=4, leak=480), code="rate-16", name="digits-torch")
print(network.export())

# %% [markdown]
# ## Training
# Cross entropy of the outputs' spike counts, and a little for each spike of the hidden layer. In every epoch images move by a pixel at times, and scales are
# chosen anew.

# %%
BATCH, RATE, ACTIVITY = 96, 0.003, 0.001
random = np.random.default_rng(0)


def moved(pixels: np.ndarray) -> np.ndarray:
    """Two of five images moved by a pixel in some direction; what moves in is dark."""
    result = pixels.reshape(-1, 8, 8).copy()
    for number in np.flatnonzero(random.random(len(result)) < 0.4):
        down, right = random.integers(-1, 2, 2)
        padded = np.pad(result[number], 1)
        result[number] = padded[1 + down : 9 + down, 1 + right : 9 + right]
    return result.reshape(-1, 64)


labels = torch.from_numpy(train_labels.astype(np.int64))
optimiser = torch.optim.Adam(network.parameters(), RATE)
steps = options.epochs * -(-len(labels) // BATCH)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
begun = time.perf_counter()
for epoch in range(options.epochs):
    # Scales stay while the rate is small, so that the weights settle on them.
    if epoch < 0.8 * options.epochs:
        network.calibrate()
    spikes, total = network.encode(moved(train_pixels)), 0.0
    for batch in torch.from_numpy(random.permutation(len(labels))).split(BATCH):
        of, _ = network.simulate(spikes[batch])
        loss = cross_entropy(of["layer2"].sum(1), labels[batch]) + ACTIVITY * of["layer1"].mean(1).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        total += loss.item() * len(batch)
    if (epoch + 1) % 5 == 0:
        print(f"epoch {epoch + 1:3}: loss {total / len(labels):.4f}")
print(f"trained in {time.perf_counter() - begun:.1f} s")

# %% [markdown]
# ## What torch says of the test images

# %%
test_spikes = network.encode(test_pixels)
with torch.no_grad():
    in_torch = network(test_spikes).numpy().astype(bool)
print(f"accuracy in torch: {100 * (in_torch.sum(1).argmax(1) == test_labels).mean():.2f} % of {len(test_labels)}")

# %% [markdown]
# ## On the array
# `export()` gives the network file that `nernst compile` takes; here it is compiled at once.

# %%
exported = network.export()
if options.output:
    exported.save(options.output)
image = exported.compile("25f")
print(image.placement)
run = image.run(exported.encode(test_pixels), options.port)
print(f"accuracy on {image.config}, port {options.port}: {100 * (run.classes == test_labels).mean():.2f} % ({run.seconds:.1f} s)")

# %% [markdown]
# Equal, spike for spike: to torch, and every spike and counter to the reference model.

# %%
assert (run.steps == in_torch).all(), "the array and torch differ"
assert run.mismatches["total"] == 0, run.mismatches["first"]
print(f"spikes of torch and array: {in_torch.sum()} and {run.steps.sum()}, all equal; differences from the reference model: {run.mismatches['total']}")

# %% [markdown]
# ## What it cost
# Counters are exact. Joules are estimates, by tables that say where their prices are from.

# %%
totals = run.ledger["array"] | run.ledger["cores_total"]
for counter, of in nernst.counters().items():
    if of["exact"]:
        print(f"{counter:<22}{totals[counter] / len(run):>12,.1f} an image")
for table in ("ecp5", "loihi"):
    total = run.bill(table)["total"]
    print(f"{table:<6}{1e9 * total['joules'] / len(run):>8.1f} nJ an image, estimated ({total['grade']})")
