#!/usr/bin/env python3
"""Prints reports of `nernst synth --report` as one Markdown table. One that does not name its configuration is named BOARD-CONFIG.json."""

import json
import pathlib
import sys


def usage(report, kind):
    used, available = report[kind]["used"], report[kind]["available"]
    return f"{used:,} ({100 * used / available:.0f} %)"


if len(sys.argv) == 1:
    sys.exit("boards.py: give the files that `nernst synth --report` wrote")
print("| board | configuration | LUT4 | flip-flops | EBR, of which weights | multipliers | clock asked for | placed and routed |")
print("|---|---|---:|---:|---:|---:|---:|---:|")
for path in map(pathlib.Path, sys.argv[1:]):
    report = json.loads(path.read_text())
    configuration = report.get("configuration") or path.stem.removeprefix(report["board"] + "-")
    # The clock of the array is the one behind the PLL: the only one with registers.
    clock = min(report["clocks"].values(), key=lambda clock: clock["achieved_mhz"] / clock["constraint_mhz"])
    print(
        f"| `{report['board']}` ({report['device']}) | `{configuration}` | {usage(report, 'lut')} | {usage(report, 'ff')} "
        f"| {report['ebr']['used']} of {report['ebr']['available']}, {report['cells'].get('PDPW16KD', 0)} | {report['dsp']['used']} "
        f"| {clock['constraint_mhz']:.0f} MHz | {clock['achieved_mhz']:.1f} MHz |"
    )
