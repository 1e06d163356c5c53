#!/usr/bin/env python3
"""The rules on the wall, read from the sources: docs/architecture.md, "Rules", lists them.

    walls.py SOURCE_ROOT             fails if a rule is broken
    walls.py SOURCE_ROOT --self-test fails unless each rule notices a file that breaks it
"""
import pathlib
import re
import sys
import tempfile

# (rule, what it looks for, where it is looked for, files that may have it and how often)
RULES = [
    ("users' code is called from one line",
     re.compile(r"type->run\("), ("core", "capi"), {"core/loop/dispatch.hpp": 1}),
    ("only try_allocate() catches",
     re.compile(r"\bcatch\s*\("), ("core", "capi"), {"core/base/allocation.hpp": 1}),
    ("only the boundary turns handles into objects, and back",
     re.compile(r"reinterpret_cast<"), ("capi",), {"capi/boundary.hpp": None}),
    ("nothing is thrown but what an allocation throws",
     re.compile(r"\bthrow\b(?! std::bad_alloc)"), ("core", "capi"), {}),
    ("the library neither ends the process nor prints, but for the default exception handler",
     re.compile(r"std::(?:abort|exit|quick_exit|terminate|printf|puts|cout|cerr)\b"
                r"|(?<![\w.>:])(?:_exit|quick_exit|printf|puts|putchar|perror)\s*\("),
     ("core", "capi"), {}),
    ("the default exception handler prints",
     re.compile(r"\bfprintf\s*\("), ("core", "capi"), {"core/loop/dispatch.cpp": None}),
]
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)


def code(path):
    """The text of a file; comments and strings are blank, but their lines stay."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    return COMMENT.sub(blank, path.read_text(encoding="utf-8"))


def sources(root, rooms):
    for room in rooms:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".hpp", ".cpp") and "include" not in path.relative_to(root).parts:
                yield path


def broken(root, rule, pattern, rooms, allowed):
    for path in sources(root, rooms):
        name = path.relative_to(root).as_posix()
        found = list(pattern.finditer(text := code(path)))
        most = allowed.get(name, 0)
        if most is None or len(found) <= most:
            continue
        for match in found:
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {match.group().strip()}: {rule}"


def self_test(root):
    """Each rule, in a tree of its own that breaks it: a file with one line that it looks for."""
    breaks = ["node.type->run(loop, node);", "try { f(); } catch (...) {}", "auto *l = reinterpret_cast<Loop *>(h);",
              "throw 1;", "std::abort();", 'std::fprintf(stderr, "x");']
    assert len(breaks) == len(RULES)
    for (rule, *rest), line in zip(RULES, breaks):
        with tempfile.TemporaryDirectory() as folder:
            room = pathlib.Path(folder) / rest[1][-1]
            room.mkdir()
            (room / "breaks.cpp").write_text(line + "\n// " + line + "\n")
            if len(list(broken(pathlib.Path(folder), rule, *rest))) != 1:
                sys.exit(f"not noticed: {line}: {rule}")
    print(f"{len(RULES)} rules notice what breaks them")


def main(root, *options):
    root = pathlib.Path(root)
    if options:
        return self_test(root)
    problems = [problem for rule in RULES for problem in broken(root, *rule)]
    for problem in problems:
        print(problem)
    wall = (root / "docs/architecture.md").read_text(encoding="utf-8")
    missing = [rule for rule, *_ in RULES if rule not in wall.replace("\n  ", " ").replace("`", "").lower()]
    for rule in missing:
        print(f"docs/architecture.md does not say: {rule}")
    print(f"{len(RULES)} rules, {len(problems)} broken, {len(missing)} unsaid")
    if problems or missing or not list(sources(root, ("core",))):
        sys.exit(1)


main(*sys.argv[1:])
