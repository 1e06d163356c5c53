#!/usr/bin/env python3
"""Each example prints what the same program prints in Python, except for elapsed times.

    examples.py PYTHON_EXAMPLES PROGRAM...
"""
import os
import pathlib
import re
import signal
import subprocess
import sys

# exo2 runs until Ctrl-C.
INTERRUPTED = {"exo2-fork"}
ON_ITS_OWN = {"sleepers": ["1000"]}


def lines(command, interrupted):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = ""
    if interrupted:
        while not output.endswith("c2 ends\n") and (line := process.stdout.readline()):
            output += line
        process.send_signal(signal.SIGINT)
    output += process.communicate(timeout=30)[0]
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}")
    # Two lines of one moment may change places: their deadlines differ by the time that the program itself took.
    return sorted(re.sub(r"^\d+\.\d+s ", "", line) for line in output.splitlines())


def same(python_examples, program):
    name = os.path.basename(program)
    if name in ON_ITS_OWN:
        lines([program, *ON_ITS_OWN[name]], False)
        return True
    ours = lines([program], name in INTERRUPTED)
    theirs = lines([sys.executable, pathlib.Path(python_examples) / f"{name}.py"], name in INTERRUPTED)
    if ours == theirs:
        return True
    print(f"{name}: Boucle prints {ours}\n  asyncio prints {theirs}")
    return False


def main(python_examples, *programs):
    failures = sum(not same(python_examples, program) for program in programs)
    print(f"{len(programs)} examples, {failures} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
