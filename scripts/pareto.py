#!/usr/bin/env python3
"""Writes what networks of different energy penalties do for each image as REPORT.json and REPORT.md.

Usage: pareto.py PRICES REPORT [PENALTY NETWORK.json RUN.json BILL.json ...]: a network file, what `nernst run --json` counted of it, and what `nernst ledger --json`
says of that.
"""

import json
import sys


def load(path):
    with open(path) as file:
        return json.load(file)


def point(penalty, network, run, bill):
    samples = run["samples"]
    cores = run["ledger"]["cores_total"]
    bits = bill["bits_on_array"]
    return {
        "energy_penalty": float(penalty),
        "ticks": network["ticks"],
        "accuracy": run["accuracy"],
        "synaptic_operations": cores["synaptic_operations"] / samples,
        "nonzero_operations": cores["nonzero_operations"] / samples,
        "events": cores["events"] / samples,
        "spikes": cores["spikes"] / samples,
        "bits_moved": (bits["communication"] + bits["computation"]) / samples,
        "neurons_placed": sum(core["neurons"] for core in run["cores"]),
        "synapses": sum(core["synapses"] for core in run["cores"]),
        "command": network["provenance"]["command"],
    }


COLUMNS = [
    ("ticks", lambda p: f"{p['ticks']}"),
    ("penalty", lambda p: f"{p['energy_penalty']:g}"),
    ("accuracy", lambda p: f"{100 * p['accuracy']:.2f} %"),
    ("synaptic operations", lambda p: f"{p['synaptic_operations']:,.0f}"),
    ("of weights other than 0", lambda p: f"{p['nonzero_operations']:,.0f}"),
    ("events", lambda p: f"{p['events']:,.0f}"),
    ("spikes of neurons", lambda p: f"{p['spikes']:,.0f}"),
    ("bits moved in the array", lambda p: f"{p['bits_moved']:,.0f}"),
    ("neurons placed", lambda p: f"{p['neurons_placed']}"),
    ("synapses", lambda p: f"{p['synapses']:,}"),
]


def main():
    prices, report, *files = sys.argv[1:] if len(sys.argv) > 2 else sys.exit(__doc__)
    if not files or len(files) % 4:
        sys.exit(__doc__)
    loaded = [(files[n], *map(load, files[n + 1 : n + 4])) for n in range(0, len(files), 4)]
    points = [point(*of) for of in loaded]
    run = loaded[0][2]
    with open(report + ".json", "w") as file:
        json.dump({"prices": prices, "config": run["config"], "samples": run["samples"], "points": points}, file, indent=1)
        file.write("\n")
    with open(report + ".md", "w") as file:
        print("# Accuracy against what it costs\n", file=file)
        print(
            f"Made by `make pareto`. Networks trained with `--energy-penalty` (loss for a nanojoule, prices `{prices}`), on {run['samples']} test images: accuracy of the\n"
            f"integers, and for each image what the reference model's ledger counts in `{run['config']}`. A core adds in all of its lanes, so synaptic operations fall in steps of a core;\n"
            f"those of weights other than 0 are what NeuroBench calls Effective_ACs. The commands are in `pareto.json`.\n",
            file=file,
        )
        print("| " + " | ".join(name for name, _ in COLUMNS) + " |", file=file)
        print("|" + "---:|" * len(COLUMNS), file=file)
        for of in points:
            print("| " + " | ".join(value(of) for _, value in COLUMNS) + " |", file=file)


main()
