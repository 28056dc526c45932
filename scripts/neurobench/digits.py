"""The test digits and their spikes, written anew from what host/src/data.rs and host/src/coding.rs say of them."""

import gzip

import torch

LARGEST = 16  # of a pixel
DARK = 2  # pixels below have no spike in the latency code
TEST_SHARE = 5  # one image in so many is a test image


class Random:
    """SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    def shuffle(self, items):
        for last in range(len(items) - 1, 0, -1):
            other = self.bits() * (last + 1) >> 64
            items[last], items[other] = items[other], items[last]


def test_images(path):
    """Pixels (0 to 16) and labels of the test part, in the order of the file."""
    with gzip.open(path, "rt") as file:
        rows = [[int(value) for value in line.split(",")] for line in file]
    count = -(-len(rows) // TEST_SHARE)
    members = {}
    for number, row in enumerate(rows):
        members.setdefault(row[-1], []).append(number)
    classes = sorted(members)
    # Every class has its share, rounded by the largest remainder.
    quota = {c: len(members[c]) * count // len(rows) for c in classes}
    by_remainder = sorted(classes, key=lambda c: -(len(members[c]) * count % len(rows)))
    for c in by_remainder[: count - sum(quota.values())]:
        quota[c] += 1
    random = Random(0)
    chosen = []
    for c in classes:
        random.shuffle(members[c])
        chosen += members[c][: quota[c]]
    images = [rows[number] for number in sorted(chosen)]
    return [image[:-1] for image in images], [image[-1] for image in images]


def spikes(images, coding, ticks, total_ticks):
    """Images as spikes, 0 or 1: (image, tick, line). Ticks from `ticks` on have none."""
    pixels = torch.tensor(images)
    result = torch.zeros(len(images), total_ticks, pixels.shape[1])
    if coding == "rate":
        # A spike whenever the running sum of a value, from one half on, passes a whole.
        sums = LARGEST // 2 + pixels[:, None] * torch.arange(ticks + 1)[:, None]
        result[:, :ticks] = (sums // LARGEST).diff(dim=1)
    elif coding == "latency":
        due = (2 * (LARGEST - pixels) * (ticks - 1) + LARGEST) // (2 * LARGEST)
        result.scatter_(1, due[:, None], (pixels >= DARK).float()[:, None])
    else:
        raise ValueError(f"coding is `{coding}`, expected rate or latency")
    return result
