#!/usr/bin/env python3
"""Writes the tables of docs/verification.md: verification.py COMPARED.

COMPARED has a line for each thing that `make test` compared ("check: what"); the rest comes from the reports that the long runs leave in `reports`. What is
not there is left out, and said on standard error.
"""

import collections
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT / "docs/verification.md"


def missing(what):
    print(f"verification: {what}", file=sys.stderr)


def report(name):
    path = ROOT / "reports" / name
    if not path.exists():
        missing(f"no reports/{name}")
        return None
    return json.loads(path.read_text())


def number(n):
    return f"{n:,}"


def minutes(seconds):
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"


def seen(of):
    return (
        f"{number(of['systems'])} networks, {number(of['ticks'])} ticks, {number(of['host_spikes'])} spikes to the host, "
        f"{number(of['membranes'])} membranes, {number(of['counters'])} counters"
    )


def in_test(path):
    """What `make test` compared, a row for each check."""
    rows = collections.OrderedDict()
    if not path.exists():
        missing(f"no {path}: run `make test` first; its table stays as it is")
        return None
    for line in sorted(path.read_text().splitlines()):
        check, _, what = line.partition(": ")
        rows.setdefault(check, []).append(what)
    lines = ["| check | compared, and equal |", "|---|---|"]
    return lines + [f"| {check} | {'<br>'.join(what)} |" for check, what in rows.items()]


def long_runs():
    lines = ["| command | compares | cases | time | result |", "|---|---|---|---:|---|"]
    add = lambda *cells: lines.append("| " + " | ".join(cells) + " |")
    if systems := report("systems.json"):
        arrays = number(systems["random_arrays"]["arrays"])
        what = "the generated Verilog in netsim, on arrays of random shapes; the reference model"
        add("`make soak`", what, f"{arrays} arrays, {seen(systems['random_arrays']['seen'])}", minutes(systems["seconds"]), f"{systems['differences']} differences")
        for ready in systems["netsim_and_verilator"]:
            what = f"`{ready['config']}` behind its link in Verilator and in netsim; the reference model"
            add("", what, seen(ready["seen"]) + ", every byte in the same clock", "", "equal")
    for config in ["tiny", "25f"]:
        if netlist := report(f"netlist-{config}.json"):
            what = f"the netlist of `{config}` after synthesis, {number(netlist['cells'])} cells, behind its UART; the reference model"
            cases = (
                f"{netlist['samples']} digits ({netlist['correct']} right), {number(netlist['clocks'])} clocks, {number(netlist['spikes'])} spikes to the host, "
                f"{number(netlist['membranes'])} membranes, {number(netlist['counters'])} counters"
            )
            add("`make netlist`", what, cases, "", f"{netlist['mismatches']} differences")
    proofs = ROOT / "reports/proofs.txt"
    if proofs.exists():
        proved = proofs.read_text().splitlines()
        faults = sum(int(line.split(" faults found")[0].split()[-1]) for line in proved)
        add("`make formal`", "the generated Verilog of a block; its properties ([`proofs.md`](proofs.md))", f"{len(proved)} proofs", "", f"all proved, for any time; {faults} faults, with each of which one is not")
    else:
        missing("no reports/proofs.txt")
    if mutants := report("mutants.json"):
        every = mutants["all"]
        what = "the generated Verilog with a single fault; the reference model (random systems), and the Verilog without it (sessions); properties of blocks (proofs)"
        share = 100 * every["killed_of_mutants"]
        cases = f"{every['mutants']} mutants ({every['proved_to_be_the_same']} more are proved to be no fault)"
        add("`make mutants`", what, cases, minutes(mutants["seconds"]), f"{every['killed']} seen ({share:.1f} %), {every['survived']} not")
    if (ROOT / "reports/mutants-rust.json").exists() and (rust := report("mutants-rust.json")):
        for name, tests in (("spec", "the specification with a single fault; its own tests"), ("mapper", "the mapper with a single fault; its own unit tests")):
            if part := rust.get(name):
                share = 100 * part["killed_of_mutants"]
                add("`make mutants-rust`", tests, f"{part['mutants']} mutants, one of {rust['one_of']}", "", f"{part['killed']} seen ({share:.1f} %), {part['survived']} not")
    if coverage := report("coverage.json"):
        of = coverage["coverage"]
        share = lambda kind, part: f"{100 * of[kind][part]['reached'] / of[kind][part]['all']:.1f} % of {number(of[kind][part]['all'])}"
        def bits(part):
            explained = of["bits_explained"].get(part, 0)
            reached, every = of["bits"][part]["reached"], of["bits"][part]["all"]
            return f"bits {share('bits', part)} ({100 * reached / (every - explained):.1f} % without {explained} that have a reason to stay)"

        what = f"what is reached of the generated Verilog of `{coverage['config']}` in Verilator, which answers as netsim does"
        cases = f"{coverage['random_networks']['systems']} networks, {number(coverage['clocks_of_array'])} clocks; {coverage['sessions']} sessions, {number(coverage['clocks_of_board'])} clocks"
        add("`make coverage`", what, cases, minutes(coverage["seconds"]), f"array: lines {share('lines', 'array')}, {bits('array')}; link: lines {share('lines', 'link')}, {bits('link')}")
    if rtl := report("fuzz-rtl.json"):
        add("`make fuzz`", "the RTL's end of the link against noise, in netsim and Verilator; the reference model", f"{number(rtl['bytes'])} bytes, {number(rtl['sessions'])} sessions behind them", "", f"{rtl['faults']} differences")
    if coverage := report("fuzz-coverage.json"):
        runs = ", ".join(f"{name} {number(of['executions'])}" for name, of in coverage.items())
        add("", "the host's decoders against any bytes, by cargo-fuzz", f"executions: {runs}", "", "no panic")
    return lines


def replace(text, name, lines):
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    head, rest = text.split(begin)
    return head + begin + "\n".join(lines) + "\n" + end + rest.split(end)[1]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    text = PAGE.read_text()
    if lines := in_test(pathlib.Path(sys.argv[1])):
        text = replace(text, "make test", lines)
    text = replace(text, "long runs", long_runs())
    PAGE.write_text(text)
    print(f"wrote {PAGE.relative_to(ROOT)}")


main()
