#!/usr/bin/env python3
"""Yosys as a command, from the `pyosys` wheel: native code, several times as fast as the WebAssembly build.

Takes the options that a build flow uses: -V, -q, -l FILE, -p COMMANDS, -s SCRIPT (and a script without -s). Commands are
split at semicolons and newlines as Yosys does. Exits with 1 on the first error, which Yosys prints itself.
"""

import argparse
import importlib.metadata
import sys


def main() -> int:
    if sys.argv[1:] in (["-V"], ["--version"]):
        print(f"Yosys {importlib.metadata.version('pyosys')} (pyosys)")
        return 0
    parser = argparse.ArgumentParser(prog="yosys", description=__doc__)
    parser.add_argument("-q", action="store_true", help="print errors only")
    parser.add_argument("-l", metavar="FILE", help="write the log to FILE, too")
    parser.add_argument("-p", metavar="COMMANDS", action="append", default=[], help="commands to run")
    parser.add_argument("-s", metavar="SCRIPT", action="append", default=[], help="script to run first")
    parser.add_argument("script", nargs="*", help="scripts to run first")
    options = parser.parse_args()

    from pyosys import libyosys

    design = libyosys.Design()
    if options.l:
        open(options.l, "w").close()
    prefix = f"tee -a {options.l} " if options.l else ""
    quiet = "tee -q " if options.q else ""
    for script in options.s + options.script:
        libyosys.run_pass(f"{quiet}{prefix}script {script}", design)
    for commands in options.p:
        for command in (part.strip() for part in commands.replace("\n", ";").split(";")):
            if command:
                libyosys.run_pass(f"{quiet}{prefix}{command}", design)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        sys.exit(1)
