#!/usr/bin/env python3
"""No file has more than 400 lines, and no function of core and capi more than 40.

    sizes.py SOURCE_ROOT

A function counts from the line with its opening brace to the line with its closing brace; this reads the layout that
.clang-format makes.
"""
import pathlib
import re
import sys

FILE_LINES, FUNCTION_LINES = 400, 40
ROOMS = ["benchmarks", "bindings", "capi", "core", "docs", "examples", "tests", "tools"]
TEXT = {".build", ".c", ".cpp", ".go", ".h", ".hpp", ".i", ".in", ".lua", ".map", ".md", ".py", ".scn", ".sh"}
# Longer files, each with its reason.
LONGER = {
    "bindings/go/internal/raw/raw.go": "generated",
    "bindings/go/internal/raw/raw_wrap.c": "generated",
    "benchmarks/README.md": "tables of measurements",
}
OPENS = re.compile(r"^(\s*)(?!\s|if\b|else\b|for\b|while\b|switch\b|do\b|try\b|catch\b|return\b|namespace\b|class\b|struct\b"
                   r"|union\b|enum\b|extern\b|#|//|/?\*).*\{$")


def files(root):
    """The text files of the project: those with a known suffix, and scripts without one."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.is_file() and (path.suffix in TEXT or (not path.suffix and path.parent.name == "tools")):
                yield path
    yield from sorted(root.glob("*.md"))


def functions(lines):
    """Pairs of a function's first line, from 1, and how many lines it has."""
    number = 0
    while number < len(lines):
        opens = OPENS.match(lines[number])
        if opens and ")" in declarator(lines, number):
            end = next((at for at in range(number + 1, len(lines)) if lines[at].startswith(opens[1] + "}")), number)
            yield number + 1, end - number + 1
            number = end
        number += 1


def declarator(lines, number):
    """The declaration whose last line that is: from the line after the previous statement, block or comment."""
    first = number
    while first > 0 and lines[first - 1].strip() and not re.search(r"[;{}:]$|^\s*(?://|/?\*|#)", lines[first - 1]):
        first -= 1
    return " ".join(lines[first : number + 1])


def main(root):
    root = pathlib.Path(root)
    problems, checked, counted = [], 0, 0
    long = {}
    for path in files(root):
        name, lines = str(path.relative_to(root)), path.read_text().splitlines()
        checked += 1
        if len(lines) > FILE_LINES:
            long[name] = len(lines)
        if path.suffix in (".cpp", ".hpp") and path.relative_to(root).parts[0] in ("core", "capi"):
            for line, length in functions(lines):
                counted += 1
                if length > FUNCTION_LINES:
                    problems.append(f"{name}:{line}: a function of {length} lines, more than {FUNCTION_LINES}")
    problems += [f"{name}: {length} lines, more than {FILE_LINES}" for name, length in long.items() if name not in LONGER]
    problems += [f"{name}: needs no exception any more" for name in LONGER if name not in long]
    print("\n".join(problems + [f"{checked} files, {counted} functions, {len(problems)} problems"]))
    return 1 if problems or not counted else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
