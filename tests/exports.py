#!/usr/bin/env python3
"""Header = symbol map = what the library exports = what is documented.

    exports.py CAPI_DIRECTORY SHARED_LIBRARY SYMBOL_PREFIX
"""
import pathlib
import re
import subprocess
import sys

NODE = "BOUCLE_1"
DECLARATION = re.compile(r"BOUCLE_API[^;]*?\b(\w+)\s*\([^;]*;")


def exported_by_map(capi):
    sys.path.insert(0, str(capi))
    sys.dont_write_bytecode = True
    import symbols
    return symbols.exported(capi / "boucle.map")


def declared(text):
    return DECLARATION.findall(re.sub(r"/\*.*?\*/|^#.*?$", "", text, flags=re.S | re.M))


def undocumented(text):
    """Functions without a comment of their own or of the paragraph that they stand in.

    ref and unref are convention 2 of base.h, and do not repeat it."""
    missing = []
    for paragraph in re.split(r"\n\s*\n", text):
        first_comment = paragraph.find("/*")
        for match in DECLARATION.finditer(re.sub(r"/\*.*?\*/", lambda c: " " * len(c[0]), paragraph, flags=re.S)):
            name = match[1]
            if not name.endswith(("_ref", "_unref")) and not 0 <= first_comment < match.start():
                missing.append(name)
    return missing


def exported_by_library(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, text=True, stdout=subprocess.PIPE)
    symbols = [line.split()[-1] for line in listing.stdout.splitlines()]
    return [symbol for symbol in symbols if symbol.split("@")[0] != NODE]


def difference(what, left, right):
    problems = [f"{name}: {what}" for name in sorted(set(left) - set(right))]
    return problems + [f"{name}: twice" for name in sorted(set(left)) if left.count(name) > 1]


def main(capi, library, prefix=""):
    capi = pathlib.Path(capi)
    headers = [path.read_text() for path in sorted((capi / "include" / "boucle").glob("*.h"))]
    in_headers = [name for text in headers for name in declared(text)]
    in_map = exported_by_map(capi)
    in_library = exported_by_library(library)
    versioned = [f"{prefix}{name}@@{NODE}" for name in in_map]

    problems = difference("in a header, not in boucle.map", in_headers, in_map)
    problems += difference("in boucle.map, not in a header", in_map, in_headers)
    problems += difference("in boucle.map, not exported", versioned, in_library)
    problems += difference("exported, not in boucle.map", in_library, versioned)
    problems += [f"{name}: has no comment" for text in headers for name in undocumented(text)]
    print("\n".join(problems + [f"{len(in_map)} functions, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
