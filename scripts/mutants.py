"""What cargo-mutants found, as a report: mutants.py SHARE FOLDER, where FOLDER has a folder for each thing that was tried."""

import json
import pathlib
import sys


def part(folder):
    outcomes = json.loads((folder / "mutants.out/outcomes.json").read_text())["outcomes"]
    faults = [(outcome["scenario"]["Mutant"]["name"], outcome["summary"]) for outcome in outcomes if outcome["scenario"] != "Baseline"]
    of = lambda summary: sum(found == summary for _, found in faults)
    # A test that never ends sees the fault, too.
    killed, survived = of("CaughtMutant") + of("Timeout"), of("MissedMutant")
    missed = sorted(name for name, found in faults if found == "MissedMutant")
    return {
        "mutants": killed + survived, "killed": killed, "killed_by_time": of("Timeout"), "survived": survived,
        "killed_of_mutants": killed / max(killed + survived, 1), "no_program": of("Unviable"), "survivors": missed,
    }


def main():
    share, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    report = {"one_of": share} | {path.name: part(path) for path in sorted(folder.iterdir()) if (path / "mutants.out").is_dir()}
    print(json.dumps(report, indent=2))


main()
