#!/usr/bin/env python3
"""Decisions have numbers: those of docs/decisions.md are D1, D2, ... in this order, and each D<number> that a file of the
project mentions is one of them.

    decisions.py SOURCE_ROOT
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import sizes

TITLE = re.compile(r"^\*\*(?:D(\d+)\. )?[^*]", re.M)
MENTION = re.compile(r"\bD([1-9]\d{0,2})\b")
SKIPPED = {"raw.go", "raw_wrap.c"}  # generated


def title_problems(text):
    """Each paragraph that begins with a title is a decision, and has the next number."""
    for expected, match in enumerate(TITLE.finditer(text), 1):
        if match[1] != str(expected):
            line = text.count("\n", 0, match.start()) + 1
            yield f"docs/decisions.md:{line}: this is D{expected}, and not {'D' + match[1] if match[1] else 'without a number'}"


def mention_problems(root, known):
    for path in [*sizes.files(root), *sorted(root.glob("meson*"))]:
        if path.name in SKIPPED or path.suffix == ".scn":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for match in MENTION.finditer(line):
                if int(match[1]) not in known:
                    yield f"{path.relative_to(root)}:{number}: there is no decision {match[0]}"


def main(root):
    root = pathlib.Path(root)
    text = (root / "docs/decisions.md").read_text()
    known = {int(match[1]) for match in TITLE.finditer(text) if match[1]}
    problems = [*title_problems(text), *mention_problems(root, known)]
    print("\n".join(problems + [f"{len(known)} decisions, {len(problems)} problems"]))
    return 1 if problems or not known else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
