#!/usr/bin/env python3
"""Instructions per operation, counted by valgrind (which repeats exactly), against bounds.

    count.py BOUNDS WORKLOAD-PROGRAM KIND    fails if KIND costs more than its bound, by 3 %
    count.py BOUNDS WORKLOAD-PROGRAM --write measures all kinds, and writes the bounds anew

Two runs of different lengths; the difference divided by the operations in between, so that set-up cancels out.
"""
import re
import subprocess
import sys

SHORT, LONG = 10_000, 30_000
TOLERANCE = 1.03


def instructions(program, kind, n):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, kind, str(n)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr[-500:]}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def per_operation(program, kind):
    return (instructions(program, kind, LONG) - instructions(program, kind, SHORT)) / (LONG - SHORT)


def read(path):
    with open(path, encoding="utf-8") as file:
        return {kind: float(bound) for kind, bound in (line.split() for line in file if line[0] != "#")}


def write(path, program):
    lines = [line for line in open(path, encoding="utf-8") if line[0] == "#"]
    lines += [f"{kind} {per_operation(program, kind):.1f}\n" for kind in read(path)]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)


def main(bounds, program, kind):
    if kind == "--write":
        return write(bounds, program)
    bound, measured = read(bounds)[kind], per_operation(program, kind)
    print(f"{kind}: {measured:.1f} instructions per operation, bound {bound:.1f} (+3 %)")
    if measured > bound * TOLERANCE:
        sys.exit(f"{kind} has become {100 * (measured / bound - 1):.1f} % slower. If that is intended: "
                 f"count.py {bounds} {program} --write")


main(*sys.argv[1:])
