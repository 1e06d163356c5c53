#!/usr/bin/env python3
"""Finds the few steps of a session that are needed to repeat a failure, and prints their calls.

    shrink.py MACHINE WORLD SEED [STEPS]
"""
import os
import re
import subprocess
import sys


def run(command, skipped):
    environment = dict(os.environ, MACHINE_SKIP="".join("1" if skip else "0" for skip in skipped))
    try:
        result = subprocess.run(command, env=environment, text=True, errors="replace", stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=10)
    except subprocess.TimeoutExpired:
        return True, "it hangs"
    return result.returncode != 0, result.stdout


def kind_of(output):
    """What sort of finding it is, so that shrinking does not wander off to another."""
    found = re.search(r"AddressSanitizer: [\w-]+|runtime error: .{20}|LeakSanitizer|it hangs|machine: \D{12}|\w+ returned -\d+", output)
    return found[0] if found else ""


def main(machine, world, seed, steps="1000"):
    command, skipped = [machine, world, seed, steps], [False] * int(steps)
    failed, output = run(command, skipped)
    if not failed:
        return "it does not fail"
    kind, size = kind_of(output), len(skipped) // 2
    while size:
        for start in range(0, len(skipped), size):
            attempt = skipped[:start] + [True] * len(skipped[start : start + size]) + skipped[start + size :]
            if attempt == skipped:
                continue
            failed, now = run(command, attempt)
            if failed and kind_of(now) == kind:
                skipped, output = attempt, now
        size //= 2
    print(f"{skipped.count(False)} steps are left\n{output}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
