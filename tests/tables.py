#!/usr/bin/env python3
"""Tables and check-lists in the documents are right: the build options in README.md are those of meson_options.txt; the
files that CONTRIBUTING.md and docs/architecture.md name exist; each table has a head (a blank line inside a table turns the
rows below it into text).

    tables.py SOURCE_ROOT
"""
import pathlib
import re
import sys

# A path in backticks: with a folder, and no placeholder such as NOUN in it.
PATH = re.compile(r"`((?:core|capi|bindings|tests|tools|docs|examples|benchmarks)/[\w./-]*)`")
HEAD = re.compile(r"\|[\s:|-]+\|")
PLACEHOLDER = re.compile(r"NOUN|ROOM|\.\.\.")


def option_problems(root):
    options = re.findall(r"^option\('(\w+)'", (root / "meson_options.txt").read_text(), flags=re.M)
    section = (root / "README.md").read_text().split("## Build options")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", section, flags=re.M)
    return [f"{name}: in README.md or in meson_options.txt, not in both" for name in sorted(set(options) ^ set(rows))]


def path_problems(root, document):
    named = PATH.findall((root / document).read_text())
    problems = [f"{document}: there is no {name}" for name in named
                if not PLACEHOLDER.search(name) and not (root / name).exists()]
    return problems if named else [f"{document}: names no file"]


def head_problems(path):
    """A row that follows no other row is a table's head, with a line of dashes below it."""
    lines = ["", *path.read_text().splitlines(), ""]
    return [f"{path}:{at}: a row of a table without a head" for at in range(1, len(lines) - 1)
            if lines[at].startswith("|") and not lines[at - 1].startswith("|") and not HEAD.fullmatch(lines[at + 1])]


def main(root):
    root = pathlib.Path(root)
    problems = option_problems(root)
    for document in ("CONTRIBUTING.md", "docs/architecture.md"):
        problems += path_problems(root, document)
    documents = [path for path in root.rglob("*.md") if path.relative_to(root).parts[0] != "build"]
    problems += [problem for path in sorted(documents) for problem in head_problems(path)]
    print("\n".join(problems + [f"{len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
