#!/usr/bin/env python3
"""Header = its second spelling = symbol map = what the libraries export = what is documented.

    exports.py CAPI_DIRECTORY SHARED_LIBRARY STATIC_LIBRARY BUILT_HEADERS
"""
import pathlib
import re
import subprocess
import sys

NODE = "BOUCLE_1"
# In an archive, and not C: mangled names, in namespace boucle or of the standard library; the compiler's and sanitizers'.
NOT_C = ("_Z", "DW.ref.", "__")
DECLARATION = re.compile(r"BOUCLE_API[^;]*?\b(\w+)\s*\([^;]*;")
STATUS = re.compile(r"\bLOOP_E[A-Z]+\b")
SLOTS = ["Ownership", "Thread", "Errors", "asyncio", "Since"]


def symbols_of(capi):
    """capi/symbols.py, which knows what the symbol behind a function is."""
    sys.path.insert(0, str(capi))
    sys.dont_write_bytecode = True
    import symbols
    return symbols


def declared(text):
    return DECLARATION.findall(re.sub(r"/\*.*?\*/|^#.*?$", "", text, flags=re.S | re.M))


def documented(text):
    """The name of each function, and the comment right before its declaration. A pair x_ref, x_unref shares one."""
    previous, comment, end = "", "", 0
    blank = re.sub(r"/\*.*?\*/|^#.*?$", lambda c: re.sub(r"[^\n]", " ", c[0]), text, flags=re.S | re.M)
    for match in DECLARATION.finditer(blank):
        between, name = text[end : match.start()], match[1]
        shares = not between.strip() and name.endswith("_unref") and previous == name.replace("_unref", "_ref")
        if not shares:
            found = re.search(r"/\*((?:(?!\*/).)*)\*/\n$", between, flags=re.S)
            comment = found[1] if found else ""
        yield name, comment
        previous, end = name, match.end()


def badly_documented(name, comment, statuses):
    """Convention 10 of base.h: a sentence, and then the slots, in their order and on lines of their own."""
    if not comment.strip():
        return [f"{name}: has no comment"]
    lines = [text for text in (line.strip().lstrip("*").strip() for line in comment.splitlines()) if text]
    slots = [slot for line in lines for slot in SLOTS if line.startswith(slot + ":")]
    problems = [f"{name}: its comment has no slot {slot}" for slot in SLOTS if slot not in slots]
    if not problems and slots != SLOTS:
        problems.append(f"{name}: its slots are not {', '.join(SLOTS)}")
    if lines[0].split(":")[0] in SLOTS:
        problems.append(f"{name}: its comment does not say what it does")
    problems += [f"{name}: {line} says nothing" for line in lines if line.rstrip(":") in SLOTS]
    return problems + [f"{name}: there is no {status}" for status in STATUS.findall(comment) if status not in statuses]


def comment_problems(headers, statuses):
    comments = [pair for text in headers for pair in documented(text)]
    problems = [problem for name, comment in comments for problem in badly_documented(name, comment, statuses)]
    returned = {status for _, comment in comments for status in STATUS.findall(comment)}
    return problems + [f"{status}: no function returns it" for status in statuses if status not in returned]


def defined(library, *options):
    """Each symbol that others can use: its name, and its address."""
    listing = subprocess.run(["nm", "--defined-only", "--extern-only", *options, library], check=True, text=True,
                             stdout=subprocess.PIPE)
    fields = [line.split() for line in listing.stdout.splitlines()]
    return [(line[2], line[0]) for line in fields if len(line) == 3 and line[2].split("@")[0] != NODE]


def library_problems(symbols, functions, shared):
    """The symbol of each function, the short names of some, of the same address; all with the version."""
    addresses = dict(defined(shared, "--dynamic"))
    aliases = symbols.aliased(functions)
    expected = [f"{name}@@{NODE}" for name in [symbols.with_prefix(name) for name in functions] + aliases]
    problems = difference("in boucle.map, not exported", expected, list(addresses))
    problems += difference("exported, not in boucle.map", list(addresses), expected)
    return problems + [f"{name}: not the address of {symbols.with_prefix(name)}" for name in aliases
                       if addresses.get(f"{name}@@{NODE}") != addresses.get(f"{symbols.with_prefix(name)}@@{NODE}")]


def archive_problems(symbols, functions, static):
    """C names in the archive are ours by their prefix: whatever a program has beside them can be linked."""
    names = [name for name, _ in defined(static) if not name.startswith(NOT_C)]
    problems = difference("in boucle.map, not in the archive", [symbols.with_prefix(name) for name in functions], names)
    return problems + [f"{name}: in the archive, without the prefix" for name in names
                       if not name.startswith(symbols.PREFIX)]


def built_problems(symbols, functions, directory):
    """What users include: each declaration names its symbol; the second spelling declares the symbols, and nothing else."""
    built = {path.name: path.read_text() for path in sorted((directory / "boucle").glob("*.h"))}
    prefixed = built.pop("prefixed.h")
    code = "".join(symbols.COMMENT.sub("", text) for text in built.values())
    labels = re.findall(r"BOUCLE_API[^;]*?\b(\w+)\s*\([^;]*\) BOUCLE_SYMBOL\((\w+)\);", code)
    problems = [f"{name}: its symbol is that of {label}" for name, label in labels if name != label]
    problems += difference("in boucle.map, its declaration names no symbol", functions, [name for name, _ in labels])
    words = symbols.public_words(prefixed)
    problems += [f"{word}: in prefixed.h, without the prefix" for word in words if not word.startswith(("boucle_", "BOUCLE_"))]
    spelled = [symbols.with_prefix(word) for text in built.values() for word in symbols.public_words(text)]
    problems += difference("not in prefixed.h", spelled, words) + difference("in prefixed.h only", words, spelled)
    tags = re.findall(r"^typedef (?:struct|enum) (\w+)", code, flags=re.M)
    return problems + [f"{tag}: a tag without the prefix" for tag in tags if not tag.startswith("boucle_")]


def difference(what, left, right):
    problems = [f"{name}: {what}" for name in sorted(set(left) - set(right))]
    return problems + [f"{name}: twice" for name in sorted(set(left)) if left.count(name) > 1]


def main(capi, shared, static, built):
    capi = pathlib.Path(capi)
    symbols = symbols_of(capi)
    headers = [path.read_text() for path in sorted((capi / "include" / "boucle").glob("*.h"))]
    in_headers = [name for text in headers for name in declared(text)]
    statuses = re.findall(r"^  (LOOP_E[A-Z]+) =", (capi / "include" / "boucle" / "status.h").read_text(), flags=re.M)
    in_map = symbols.exported(capi / "boucle.map")

    problems = difference("in a header, not in boucle.map", in_headers, in_map)
    problems += difference("in boucle.map, not in a header", in_map, in_headers)
    problems += library_problems(symbols, in_map, shared)
    problems += archive_problems(symbols, in_map, static)
    problems += built_problems(symbols, in_map, pathlib.Path(built))
    problems += comment_problems(headers, statuses)
    print("\n".join(problems + [f"{len(in_map)} functions, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
