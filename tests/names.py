#!/usr/bin/env python3
"""The names of the API are right in the headers that users get, in both spellings, and in the libraries.

    names.py CAPI_DIRECTORY SHARED_LIBRARY STATIC_LIBRARY BUILT_HEADERS
"""
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import symbols

# In an archive, and not C: mangled names, in namespace boucle or of the standard library; the compiler's and sanitizers'.
NOT_C = ("_Z", "DW.ref.", "__")


def defined(library, *options):
    """Each symbol that others can use: its name, and its address."""
    listing = subprocess.run(["nm", "--defined-only", "--extern-only", *options, library], check=True, text=True,
                             stdout=subprocess.PIPE)
    fields = [line.split() for line in listing.stdout.splitlines()]
    return [(line[2], line[0]) for line in fields if len(line) == 3]


def alias_problems(functions, shared):
    """A short name has the address of its symbol."""
    addresses = {name.split("@")[0]: address for name, address in defined(shared, "--dynamic")}
    return [f"{name}: not the address of {symbols.with_prefix(name)}" for name in symbols.aliased(functions)
            if addresses.get(name, "none") != addresses.get(symbols.with_prefix(name))]


def archive_problems(functions, static):
    """C names in the archive have our prefix, so that a program may have any other names."""
    names = [name for name, _ in defined(static) if not name.startswith(NOT_C)]
    problems = difference("in boucle.map, not in the archive", [symbols.with_prefix(name) for name in functions], names)
    return problems + [f"{name}: in the archive, without the prefix" for name in names
                       if not name.startswith(symbols.PREFIX)]


def built_problems(functions, directory):
    """In the headers that users get, each declaration names its symbol; prefixed.h declares the symbols, and nothing else."""
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


def index_problems(functions, umbrella):
    """The index at the top of boucle.h names only functions that exist."""
    index = umbrella.split("*/")[0]
    named = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", index)
    problems = [f"{name}: in the index of boucle.h, and no function" for name in named if name not in functions]
    return problems if named else ["boucle.h has no index"]


def difference(what, left, right):
    problems = [f"{name}: {what}" for name in sorted(set(left) - set(right))]
    return problems + [f"{name}: twice" for name in sorted(set(left)) if left.count(name) > 1]


def main(capi, shared, static, built):
    functions = symbols.exported(pathlib.Path(capi) / "boucle.map")
    problems = alias_problems(functions, shared)
    problems += archive_problems(functions, static)
    problems += built_problems(functions, pathlib.Path(built))
    problems += index_problems(functions, (pathlib.Path(capi) / "include" / "boucle" / "boucle.h").read_text())
    print("\n".join(problems + [f"{len(functions)} functions, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
