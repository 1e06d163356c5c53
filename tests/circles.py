#!/usr/bin/env python3
"""No file of a folder needs one that needs it, directly or by way of others.

    circles.py FOLDER...

A unit is a file in C and the header of the same name. It needs the units whose headers it includes and whose functions
it calls.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
# The definition of a function that other files can call.
FUNCTION = re.compile(r"^(?!static\b|typedef\b)[A-Za-z_][\w *]*?\b(\w+)\([^;{}]*\)\s*\{", re.M)
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)


def unit_of(path):
    return path.stem if path.suffix in (".c", ".h") else path.name


def read_folder(folder):
    """unit -> its texts, without comments; unit -> the units that it includes."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".c", ".h", ".i"))
    units = {unit_of(path) for path in files}
    code = {unit: "" for unit in units}
    needs = {unit: {} for unit in units}  # unit -> {needed unit: why}
    for path in files:
        text = path.read_text()
        for included in INCLUDE.findall(text):
            needed = pathlib.Path(included).stem
            if needed in units and needed != unit_of(path):
                needs[unit_of(path)].setdefault(needed, f"{path.name} includes {included}")
        code[unit_of(path)] += COMMENT_OR_TEXT.sub("", text) + "\n"
    return code, needs


def add_calls(code, needs):
    home = {name: unit for unit, text in code.items() for name in FUNCTION.findall(text)}
    for unit, text in code.items():
        for name in re.findall(r"\b\w+\b", text):
            needed = home.get(name, unit)
            if needed != unit:
                needs[unit].setdefault(needed, f"{unit} uses {name}")


def find_circle(needs):
    """The units of one circle, the first one at the end again; or None."""
    state = {}

    def visit(unit, path):
        state[unit] = "open"
        for needed in sorted(needs[unit]):
            if state.get(needed) == "open":
                return path[path.index(needed) :] + [needed]
            circle = needed not in state and visit(needed, path + [needed])
            if circle:
                return circle
        state[unit] = "closed"
        return None

    return next((circle for unit in sorted(needs) if unit not in state for circle in [visit(unit, [unit])] if circle), None)


def main(*folders):
    failures = 0
    for folder in map(pathlib.Path, folders):
        code, needs = read_folder(folder)
        add_calls(code, needs)
        circle = find_circle(needs)
        print(f"{folder.name}: {len(code)} units, {sum(map(len, needs.values()))} needs")
        if circle:
            print("  a circle: " + " -> ".join(circle))
            for unit, needed in zip(circle, circle[1:]):
                print(f"    {needs[unit][needed]}")
        failures += circle is not None or not code
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
