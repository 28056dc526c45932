#!/usr/bin/env python3
"""Prints reports of `nernst run --json` as one Markdown table, numbers per sample."""

import json
import sys

ROWS = [
    ("accuracy", lambda r: f"{100 * r['accuracy']:.2f} %"),
    ("differences from the reference model", lambda r: r["mismatches"]["spikes"] + r["mismatches"]["counters"]),
    ("spikes from the host", lambda r: per(r, r["ledger"]["array"]["host_spikes_in"])),
    ("spikes of neurons", lambda r: per(r, r["ledger"]["cores_total"]["spikes"])),
    ("bus transfers", lambda r: per(r, r["ledger"]["array"]["bus_transfers"])),
    ("bus destinations", lambda r: per(r, r["ledger"]["array"]["bus_destinations"])),
    ("events", lambda r: per(r, r["ledger"]["cores_total"]["events"])),
    ("synapse rows fetched", lambda r: per(r, r["ledger"]["cores_total"]["rows_fetched"])),
    ("synaptic operations", lambda r: per(r, r["ledger"]["cores_total"]["synaptic_operations"])),
    ("neuron updates", lambda r: per(r, r["ledger"]["cores_total"]["neuron_updates"])),
    ("clocks of the busiest core", lambda r: f"{r['busy_clocks_per_sample']:,.0f}"),
]


def per(report, count):
    mean = count / report["samples"]
    return f"{mean:,.1f}" if mean < 1000 else f"{mean:,.0f}"


reports = [json.load(open(path)) for path in sys.argv[1:]]
if not reports:
    sys.exit("table.py: give the files that `nernst run --json` wrote")
print("| for each image | " + " | ".join(f"{r['network']} on `{r['config']}`" for r in reports) + " |")
print("|---|" + "---:|" * len(reports))
for name, value in ROWS:
    print(f"| {name} | " + " | ".join(str(value(r)) for r in reports) + " |")
