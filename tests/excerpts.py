#!/usr/bin/env python3
"""Quotations in the documents are correct: a block that begins with ```LANGUAGE FILE consists of consecutive lines of that
file, or of several such pieces with a line `...` between them.

    excerpts.py SOURCE_ROOT
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def missing(root, name, text):
    """The pieces that are not in the file, in their order."""
    rest = (root / name).read_text()
    for piece in re.split(r"^[ \t]*\.\.\.\n", text, flags=re.MULTILINE):
        before, found, rest = rest.partition(piece)
        if not found or (before and not before.endswith("\n")):
            return piece
    return None


def main(root):
    root = pathlib.Path(root)
    count = failures = 0
    for document in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        for name, text in BLOCK.findall(document.read_text()):
            count += 1
            piece = missing(root, name, text)
            if piece is not None:
                print(f"{document.name}: {name} does not have (there):\n{piece}")
                failures += 1
    print(f"{count} excerpts, {failures} of them not in their files")
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
