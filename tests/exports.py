#!/usr/bin/env python3
"""Header = symbol map = what the library exports = what is documented.

    exports.py CAPI_DIRECTORY SHARED_LIBRARY
"""
import pathlib
import re
import subprocess
import sys

NODE = "BOUCLE_1"
DECLARATION = re.compile(r"BOUCLE_API[^;]*?\b(\w+)\s*\([^;]*;")
STATUS = re.compile(r"\bLOOP_E[A-Z]+\b")
SLOTS = ["Ownership", "Thread", "Errors", "asyncio", "Since"]


def exported_by_map(capi):
    sys.path.insert(0, str(capi))
    sys.dont_write_bytecode = True
    import symbols
    return symbols.exported(capi / "boucle.map")


def symbols_of(functions):
    import symbols
    return [symbols.with_prefix(name) for name in functions] + symbols.aliased(functions)


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
    """Convention 10 of base.h: a sentence, and then slots, on lines of their own. tests/slots.py knows which."""
    if not comment.strip():
        return [f"{name}: has no comment"]
    lines = [text for text in (line.strip().lstrip("*").strip() for line in comment.splitlines()) if text]
    problems = []
    if lines[0].split(":")[0] in SLOTS:
        problems.append(f"{name}: its comment does not say what it does")
    problems += [f"{name}: {line} says nothing" for line in lines if line.rstrip(":") in SLOTS]
    return problems + [f"{name}: there is no {status}" for status in STATUS.findall(comment) if status not in statuses]


def comment_problems(headers, statuses):
    comments = [pair for text in headers for pair in documented(text)]
    problems = [problem for name, comment in comments for problem in badly_documented(name, comment, statuses)]
    returned = {status for _, comment in comments for status in STATUS.findall(comment)}
    return problems + [f"{status}: no function returns it" for status in statuses if status not in returned]


def exported_by_library(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, text=True, stdout=subprocess.PIPE)
    symbols = [line.split()[-1] for line in listing.stdout.splitlines()]
    return [symbol for symbol in symbols if symbol.split("@")[0] != NODE]


def difference(what, left, right):
    problems = [f"{name}: {what}" for name in sorted(set(left) - set(right))]
    return problems + [f"{name}: twice" for name in sorted(set(left)) if left.count(name) > 1]


def main(capi, library):
    capi = pathlib.Path(capi)
    headers = [path.read_text() for path in sorted((capi / "include" / "boucle").glob("*.h"))]
    in_headers = [name for text in headers for name in declared(text)]
    statuses = re.findall(r"^  (LOOP_E[A-Z]+) =", (capi / "include" / "boucle" / "status.h").read_text(), flags=re.M)
    in_map = exported_by_map(capi)
    in_library = exported_by_library(library)
    versioned = [f"{name}@@{NODE}" for name in symbols_of(in_map)]

    problems = difference("in a header, not in boucle.map", in_headers, in_map)
    problems += difference("in boucle.map, not in a header", in_map, in_headers)
    problems += difference("in boucle.map, not exported", versioned, in_library)
    problems += difference("exported, not in boucle.map", in_library, versioned)
    problems += comment_problems(headers, statuses)
    print("\n".join(problems + [f"{len(in_map)} functions, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
