#!/usr/bin/env python3
"""Prints reports of `nernst synth --report` as one Markdown table. One that does not name its configuration is named BOARD-CONFIG.json."""

import json
import pathlib
import sys
import tomllib

CONFIGURATIONS = pathlib.Path(__file__).parent.parent / "spec" / "configs"


def weight_memories(configuration):
    """Block RAMs with weights. In older reports route tables are of the same kind of cell, so these do not tell."""
    cores = tomllib.loads((CONFIGURATIONS / f"{configuration}.toml").read_text())["cores"]
    return sum(core["count"] * core["tiles"] * core.get("banks", 1) for core in cores)


def usage(report, kind):
    used, available = report[kind]["used"], report[kind]["available"]
    return f"{used:,} ({100 * used / available:.0f} %)"


if len(sys.argv) == 1:
    sys.exit("boards.py: give the files that `nernst synth --report` wrote")
print("| board | configuration | LUT4 | flip-flops | EBR, of which weights | multipliers | clock asked for | placed and routed |")
print("|---|---|---:|---:|---:|---:|---:|---:|")
for path in map(pathlib.Path, sys.argv[1:]):
    report = json.loads(path.read_text())
    if "board" not in report or "lut" not in report:
        # Other reports have names with a hyphen, too.
        continue
    configuration = report.get("configuration") or path.stem.removeprefix(report["board"] + "-")
    # The clock of the array is the one behind the PLL: the only one with registers.
    clock = min(report["clocks"].values(), key=lambda clock: clock["achieved_mhz"] / clock["constraint_mhz"])
    print(
        f"| `{report['board']}` ({report['device']}) | `{configuration}` | {usage(report, 'lut')} | {usage(report, 'ff')} "
        f"| {report['ebr']['used']} of {report['ebr']['available']}, {weight_memories(configuration)} | {report['dsp']['used']} "
        f"| {clock['constraint_mhz']:.0f} MHz | {clock['achieved_mhz']:.1f} MHz |"
    )
