#!/usr/bin/env python3
"""Prints runs as one Markdown table, numbers per sample.

Usage: table.py RUN.json BILL.json [RUN.json BILL.json ...]: reports of `nernst run --json` and what `nernst ledger --json` says of each.
"""

import json
import sys


def per(run, count):
    mean = count / run["samples"]
    return f"{mean:,.1f}" if mean < 1000 else f"{mean:,.0f}"


def joules(value):
    """In SI prefixes, to three digits."""
    for factor, prefix in [(1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p")]:
        if value >= factor:
            return f"{value / factor:.3g} {prefix}J"
    return f"{value:.3g} J"


def estimate(run, bill):
    """Joules of a sample: from the cheapest table to the dearest, with the weakest grade."""
    total = bill["range"]["total"] if bill.get("range") else None
    if not total:
        return "not priced"
    low, high = (joules(total[end] / run["samples"]) for end in ("low", "high"))
    return f"{low} to {high} ({total['grade']})" if low != high else f"{low} ({total['grade']})"


def ratio(bill, name):
    value = bill[name]["communication"] / bill[name]["computation"]
    return f"{value:.2g} : 1" if value >= 1 else f"1 : {1 / value:.0f}"


def spikes_moved(ledger):
    array = ledger["array"]
    return array["host_spikes_in"] + array["bus_destinations"] + array["host_spikes_out"]


def bits_on_wire(ledger):
    return 10 * (ledger["array"]["link_bytes_in"] + ledger["array"]["link_bytes_out"])


COLUMNS = [
    ("accuracy", lambda r, b: f"{100 * r['accuracy']:.2f} %"),
    ("differences from the model", lambda r, b: r["mismatches"]["spikes"] + r["mismatches"]["counters"]),
    ("synaptic operations", lambda r, b: per(r, r["ledger"]["cores_total"]["synaptic_operations"])),
    ("of weights other than 0", lambda r, b: per(r, r["ledger"]["cores_total"]["nonzero_operations"])),
    ("spikes moved", lambda r, b: per(r, spikes_moved(r["ledger"]))),
    ("bits on the wire", lambda r, b: per(r, bits_on_wire(r["ledger"]))),
    ("clocks of the busiest core", lambda r, b: f"{r['busy_clocks_per_sample']:,.0f}"),
    ("joules, estimated", estimate),
    ("communication : computation, bits in the array", lambda r, b: ratio(b, "bits_on_array")),
    ("with the link", lambda r, b: ratio(b, "bits_with_link")),
]


def main():
    paths = sys.argv[1:]
    if not paths or len(paths) % 2:
        sys.exit(__doc__)
    loaded = [json.load(open(path)) for path in paths]
    print("| for each image | " + " | ".join(name for name, _ in COLUMNS) + " |")
    print("|---|" + "---:|" * len(COLUMNS))
    for run, bill in zip(loaded[::2], loaded[1::2]):
        dense = ", dense" if run["dense"] else ""
        cells = [str(value(run, bill)) for _, value in COLUMNS]
        print(f"| `{run['network']}` on `{run['config']}`{dense} | " + " | ".join(cells) + " |")


main()
