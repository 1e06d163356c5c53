#!/usr/bin/env python3
"""The slots of comments follow convention 10 of base.h: they are in order; a slot with its default, or a part of Ownership
with its default, is left out; Errors is never left out.

    slots.py INCLUDE_DIRECTORY                      checks
    slots.py INCLUDE_DIRECTORY MAP_OF_THE_FIRST     rewrites the headers; functions that the map does not have get Since THIS
"""
import pathlib
import re
import sys

SLOTS = ["Ownership", "Thread", "Errors", "asyncio", "Since"]
FIRST, THIS = "0.3", "0.4"
# Arguments are borrowed; triples are taken; what a parameter ret_... gets is a new reference; x_ref and x_unref.
OWNERSHIP = re.compile(r"none|borrows (?!.*\b(?:keeps|until|while|which|that|its|for)\b)[\w, ]+|takes the triple"
                       r"|\*ret_\w+ is a new reference|the caller owes an unref(?: for each ref)?|gives up a reference")
DEFAULTS = {"Thread": re.compile("the loop's"), "asyncio": re.compile("none"), "Since": re.compile(re.escape(FIRST))}
COMMENT = re.compile(r"/\*((?:(?!\*/).)*)\*/\n(?=BOUCLE_API[^;]*?\b(\w+)\s*\()", re.S)
SLOT = re.compile(rf" \*\s+({'|'.join(SLOTS)}):\s*(.*)")


def blocks(comment):
    """The text, and then each slot: pairs of its name and its lines."""
    found = [(None, [])]
    for line in comment.rstrip().split("\n"):
        slot = SLOT.match(line)
        if slot:
            found.append((slot[1], []))
        found[-1][1].append(line)
    return found


def words(lines):
    first = SLOT.match(lines[0])
    return " ".join([first[2].strip()] + [line.strip(" *") for line in lines[1:]])


def is_default(slot, text):
    if slot == "Ownership":
        return all(OWNERSHIP.fullmatch(part) for part in text.split("; "))
    return slot in DEFAULTS and bool(DEFAULTS[slot].fullmatch(text))


# ---- checking ----

def problems_of(name, comment):
    slots = [(slot, words(lines)) for slot, lines in blocks(comment) if slot]
    names = [slot for slot, _ in slots]
    if names != [slot for slot in SLOTS if slot in names]:
        yield "its slots are not in order"
    if "Errors" not in names:
        yield "its comment has no slot Errors"
    for slot, text in slots:
        if is_default(slot, text):
            yield f"{slot}: says the default, which is left out"
        elif slot == "Ownership" and any(OWNERSHIP.fullmatch(part) for part in text.split("; ")):
            yield f"Ownership: a part of it is the default: {text}"
        if slot == "Since" and not re.fullmatch(r"0\.\d+", text):
            yield f"Since: {text} is no version"


# ---- rewriting ----

def shortened(name, lines, slot, old):
    """What is left of a slot's lines."""
    text = words(lines)
    if slot == "Since":
        return [] if name in old else [re.sub(r"(Since:\s*).*", rf"\g<1>{THIS}", lines[0])]
    if is_default(slot, text):
        return []
    parts = text.split("; ")
    left = [part for part in parts if not OWNERSHIP.fullmatch(part)]
    if slot == "Ownership" and left != parts:
        return wrapped(f" *   Ownership: {'; '.join(left)}")
    return lines


def wrapped(line):
    lines = []
    while len(line) > 120:
        cut = line.rfind(" ", 0, 120)
        lines.append(line[:cut])
        line = " *       " + line[cut + 1 :]
    return [*lines, line]


def rewritten(text, old):
    def shorten(match):
        kept = [line for slot, lines in blocks(match[1])
                for line in (shortened(match[2], lines, slot, old) if slot else lines)]
        return "/*" + "\n".join(kept).rstrip() + " */\n"
    return COMMENT.sub(shorten, text)


def main(include, first_map=None):
    headers = sorted(pathlib.Path(include).rglob("*.h"))
    if first_map:
        old = set(re.findall(r"\b(\w+);", pathlib.Path(first_map).read_text()))
        for path in headers:
            path.write_text(rewritten(path.read_text(), old))
    found = [(match[2], match[1]) for path in headers for match in COMMENT.finditer(path.read_text())]
    problems = [f"{name}: {problem}" for name, comment in found for problem in problems_of(name, comment)]
    print("\n".join(problems + [f"{len(found)} comments, {len(problems)} problems"]))
    return 1 if problems or not found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
