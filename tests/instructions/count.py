#!/usr/bin/env python3
"""Compares instructions per operation with bounds. valgrind counts them, the same in each run.

    count.py BOUNDS WORKLOAD-PROGRAM KIND    fails if KIND costs more than its bound, by 3 %
    count.py BOUNDS WORKLOAD-PROGRAM --write measures all kinds, and writes new bounds

It makes two runs of different lengths, and divides the difference by the number of operations in between: so set-up does not
count.
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
