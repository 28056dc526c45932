#!/usr/bin/env python3
"""Prints the LUTs of each block of a design, largest first: blocks.py FOLDER/yosys.json [DEPTH] [BEGINNING].

FOLDER is that of `nernst synth`. DEPTH (4) is how many names of a path make a block, BEGINNING leaves out the others. A cell
without a name of its own belongs to the block that its output is named after.
"""

import collections
import json
import pathlib
import sys

# What nextpnr-ecp5 makes of a cell: the LUT RAM has two LUTs more for its write port.
LUTS = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6}


def names_of_nets(module):
    """The name of each net; where it has several, one that synthesis did not invent."""
    names = {}
    for name, net in module["netnames"].items():
        for bit in net["bits"]:
            if bit not in names or names[bit].startswith("$"):
                names[bit] = name
    return names


def outputs(cell):
    for port, bits in cell["connections"].items():
        if cell["port_directions"][port] == "output":
            yield from bits


def blocks(module, depth):
    nets = names_of_nets(module)
    luts = collections.Counter()
    for name, cell in module["cells"].items():
        if cell["type"] not in LUTS:
            continue
        if name.startswith("$"):
            name = next((nets[bit] for bit in outputs(cell) if bit in nets), "?")
        path = name.split("[")[0].replace("$", ".").split(".")
        luts[".".join([part for part in path if part][:depth])] += LUTS[cell["type"]]
    return luts


if not 2 <= len(sys.argv) <= 4:
    sys.exit(__doc__)
module = json.loads(pathlib.Path(sys.argv[1]).read_text())["modules"]["top"]
depth = int(sys.argv[2]) if len(sys.argv) > 2 else 4
beginning = sys.argv[3] if len(sys.argv) > 3 else ""
found = [(luts, block) for block, luts in blocks(module, depth).items() if block.startswith(beginning)]
print(f"{sum(luts for luts, _ in found):>7,} LUTs")
for luts, block in sorted(found, reverse=True):
    print(f"{luts:>7,} {block}")
