#!/usr/bin/env python3
"""Makes, from the names of the API, the headers that users get, the map of symbols, and the aliases.

    symbols.py headers OUTPUT_DIRECTORY HEADER...
    symbols.py map MAP OUTPUT
    symbols.py aliases MAP OUTPUT

The symbol of each function is its name with boucle_ in front, so that a program can also link libraries that export names
such as event_new. The sources in capi/include/boucle do not name symbols: `headers` adds the symbol to each declaration,
and writes the second spelling, prefixed.h. Only ALIASED functions are exported under their short names, too.
"""
import pathlib
import re
import sys

PREFIX = "boucle_"
ALIASED = ("loop_", "task_", "future_")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
DECLARATION = re.compile(r"^BOUCLE_API[^;]*?\b(\w+)\s*\([^;]*;", re.M)
GUARD = re.compile(r"^#ifndef (BOUCLE_\w+_H)\n#define \1\n(.*)^#endif\n\Z", re.S | re.M)


def exported(map_path):
    """The public functions, in the map's order."""
    return re.findall(r"\b(\w+);", COMMENT.sub("", pathlib.Path(map_path).read_text()))


def aliased(names):
    return [name for name in names if name.startswith(ALIASED)]


def symbol_map(map_path):
    """The map of the library: the symbols, and the aliases after them."""
    text = re.sub(r"^(\s+)(\w+);", rf"\g<1>{PREFIX}\g<2>;", pathlib.Path(map_path).read_text(), flags=re.M)
    lines = [f"  {name};" for name in aliased(exported(map_path))]
    return text.replace("local:", "\n".join(["  /* aliases, for those who look functions up by name */", *lines, "local:"]), 1)


def aliases(map_path):
    """Arguments for the linker."""
    return "".join(f"-Wl,--defsym={name}={PREFIX}{name}\n" for name in aliased(exported(map_path)))


def outside_comments(pattern, replace, text):
    """text with each match replaced, except in comments; pattern may span comments, which it sees as blanks."""
    blank = COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), text)
    parts, end = [], 0
    for match in pattern.finditer(blank):
        parts += [text[end : match.start()], replace(match, text[match.start() : match.end()])]
        end = match.end()
    return "".join([*parts, text[end:]])


def labelled(text):
    """A header in which each declaration names its symbol. Lines keep their numbers."""
    return outside_comments(DECLARATION, lambda match, found: f"{found[:-1]} BOUCLE_SYMBOL({match[1]});", text)


def public_words(text):
    """The functions, types and constants that a header declares. Tags have the prefix everywhere."""
    code = re.sub(r"^#.*?$", "", COMMENT.sub("", text), flags=re.M)
    words = DECLARATION.findall(code)
    words += re.findall(r"\btypedef\s[^;{(]*?(\w+);", code) + re.findall(r"\}\s*(\w+);", code)
    words += re.findall(r"\btypedef\b[^;]*?\(\*(\w+)\)", code)
    for body in re.findall(r"\benum\s*\w*\s*\{(.*?)\}", code, flags=re.S):
        words += re.findall(r"(\w+)\s*=", body)
    return words


def with_prefix(word):
    return (PREFIX.upper() if word.isupper() else PREFIX) + word


def body(text):
    """A header without its guard and what it includes; enums have no tags, which the first spelling has."""
    guard = GUARD.search(text)
    inside = re.sub(r"^#include.*\n", "", guard[2], flags=re.M)
    inside = re.sub(r"\benum boucle_\w+ \{", "enum {", inside)
    return re.sub(r"\n{3,}", "\n\n", "\n" + text[: guard.start()] + inside)


PREFIXED = """\
/* The second spelling of Boucle: everything that <boucle/boucle.h> declares, with boucle_ in front of each name. It is for
 * files that have names such as value_t or queue_new of their own, or that include other headers with such names; and for
 * FFIs that read declarations but no assembler labels. The names of functions are those of the library's symbols.
 *
 * Generated from the other headers. One file may include both spellings: handles and callbacks have the same types in
 * both. Enums have different types, but the same numbers. */
#ifndef BOUCLE_PREFIXED_H
#define BOUCLE_PREFIXED_H

"""


def prefixed(headers):
    """The second spelling, in the order in which headers include each other."""
    words = sorted({word for text in headers.values() for word in public_words(text)})
    spell = re.compile(r"\b(" + "|".join(words) + r")\b")
    text = "".join(body(headers[name]) for name in in_order(headers))
    includes = "".join(f"#include {name}\n" for name in sorted(outside(headers)))
    return PREFIXED + includes + spell.sub(lambda match: with_prefix(match[1]), text) + "#endif\n"


def in_order(headers):
    """The headers' names, each after those that it includes."""
    order = []

    def visit(name):
        for included in re.findall(r"^#include <boucle/(\w+\.h)>", headers[name], flags=re.M):
            if included in headers and included not in order:
                visit(included)
        if name not in order:
            order.append(name)

    visit("boucle.h")
    return [name for name in order if name != "boucle.h"]


def outside(headers):
    """What they include that is not one of them."""
    included = {name for text in headers.values() for name in re.findall(r"^#include (<.*>)", text, flags=re.M)}
    return included - {f"<boucle/{name}>" for name in headers}


def write(path, text):
    """Writes what is new: what depends on the rest need not be built again."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def make_headers(directory, *paths):
    headers = {pathlib.Path(path).name: pathlib.Path(path).read_text() for path in paths}
    for name, text in headers.items():
        write(pathlib.Path(directory) / name, labelled(text) + f"/* Generated from capi/include/boucle/{name}: edit that. */\n")
    write(pathlib.Path(directory) / "prefixed.h", prefixed({name: text for name, text in headers.items() if name.endswith(".h")}))


def main(command, *rest):
    if command == "headers":
        make_headers(*rest)
    else:
        make = {"map": symbol_map, "aliases": aliases}[command]
        write(pathlib.Path(rest[1]), make(rest[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
