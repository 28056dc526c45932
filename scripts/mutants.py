"""What cargo-mutants found, as a report: mutants.py SHARE FOLDER, where FOLDER has a folder for each thing that was tried (what is before a dot is its name)."""

import itertools
import json
import pathlib
import re
import sys

# Faults that are none: what is told of them, and why nothing can see them.
SAME = [
    (r"^spec/.* replace \| with \^", "fields of a word do not overlap: or and exclusive or are the same"),
    (r"tick\.rs.* replace (> with >= in leak|< with <= in chain_sum)", "at the limit both say the limit"),
    (r"fit\.rs.* replace < with <= in groups", "as many tiles as a unit has are a multiple of that already"),
    (r"replace < with <= in CoreConfig::can_count", "no core has so many neurons: 9 or 4 to a tile"),
]


def part(folders):
    outcomes = [outcome for folder in folders for outcome in json.loads((folder / "mutants.out/outcomes.json").read_text())["outcomes"]]
    faults = [(outcome["scenario"]["Mutant"]["name"], outcome["summary"]) for outcome in outcomes if outcome["scenario"] != "Baseline"]
    of = lambda summary: sum(found == summary for _, found in faults)
    missed = sorted(name for name, found in faults if found == "MissedMutant")
    reason = lambda name: next((why for what, why in SAME if re.search(what, name)), None)
    survivors = [name for name in missed if not reason(name)]
    # A test that never ends sees the fault, too.
    killed = of("CaughtMutant") + of("Timeout")
    return {
        "mutants": killed + len(survivors), "killed": killed, "killed_by_time": of("Timeout"), "survived": len(survivors),
        "killed_of_mutants": killed / max(killed + len(survivors), 1), "no_program": of("Unviable"), "survivors": survivors,
        "the_same": {name: reason(name) for name in missed if reason(name)},
    }


def main():
    share, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    folders = sorted(path.parent for path in folder.glob("*/mutants.out"))
    parts = itertools.groupby(folders, lambda folder: folder.name.split(".")[0])
    report = {"one_of": share} | {name: part(list(folders)) for name, folders in parts}
    print(json.dumps(report, indent=2))


main()
