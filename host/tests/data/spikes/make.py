"""Makes the files beside it: arrays by NumPy, recordings of sensors byte by byte from their specifications.

    python3 -m pip install numpy==2.4.6 && python3 make.py
"""

import pathlib
import struct

import numpy as np

FOLDER = pathlib.Path(__file__).parent

# Sample, tick, line.
SPIKES = [(0, 0, 2), (0, 2, 0), (0, 2, 3), (1, 1, 1)]
grid = np.zeros((2, 3, 4), dtype=bool)
for spike in SPIKES:
    grid[spike] = True
np.save(FOLDER / "bool.npy", grid)
np.save(FOLDER / "fortran-f2.npy", np.asfortranarray(grid.astype("<f2")))
np.save(FOLDER / "big-endian-i4.npy", grid.astype(">i4"))
minus_zero = np.where(grid[0], 1.0, -0.0)
np.lib.format.write_array(open(FOLDER / "version2-f8-rank2.npy", "wb"), minus_zero, version=(2, 0))
np.save(FOLDER / "half.npy", grid[0] * 0.5)

# https://www.garrickorchard.com/datasets/n-mnist: x, y, polarity (bit 23) and microseconds, most significant byte first.
# y, x, polarity, us; then the event that says that times are 2^13 us later from here on.
EVENTS = [(10, 3, 1, 937), (0, 0, 0, 1000), (33, 33, 1, 2999), (33, 0, 0, 0x01_0203)]


def nmnist(x, y, p, us):
    return bytes([x, y, p << 7 | us >> 16, us >> 8 & 255, us & 255])


overflow = bytes([0, 240, 0, 0, 0])
data = b"".join(nmnist(x, y, p, us) for y, x, p, us in EVENTS) + overflow + nmnist(5, 6, 1, 500)
(FOLDER / "nmnist.bin").write_bytes(data)

# https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-2.0.html: lines of header that end in CRLF, int32
# address, int32 microseconds, most significant byte first. DVS128: bit 15 external, 14-8 y, 7-1 x, 0 polarity.
header = "#!AER-DAT2.0\r\n# This is a raw AE data file - do not edit\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n"
words = [(5 << 8 | 7 << 1 | 1, 2_000_100), (1 << 15, 2_000_200), (127 << 8 | 127 << 1, 2_001_100), (0, 2_003_099)]
(FOLDER / "dvs128.aedat").write_bytes(header.encode() + b"".join(struct.pack(">ii", *word) for word in words))
