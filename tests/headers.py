#!/usr/bin/env python3
"""Each public header compiles alone, included twice, without a warning: as C99 and as C++20; a header for C++ as C++17 and
C++20, with and without RTTI. So do both spellings together.

    headers.py INCLUDE_DIRECTORY C_COMPILER CXX_COMPILER
"""
import pathlib
import shlex
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wstrict-prototypes"]
UMBRELLA, PREFIXED = "boucle.h", "prefixed.h"


def compiles(compiler, language, standard, headers, include):
    # Nothing is included before them: a header includes what it needs.
    source = "".join(f"#include <boucle/{header}>\n" for header in headers) + "int main(void) { return 0; }\n"
    warnings = WARNINGS if language == "c" else WARNINGS[:-1]
    command = [*shlex.split(compiler), "-x", language, f"-std={standard}", *warnings, *include, "-fsyntax-only", "-"]
    return subprocess.run(command, input=source, text=True).returncode == 0


def ways(group, c_compiler, cxx_compiler):
    if group[0].endswith(".h"):
        return (c_compiler, "c", "c99"), (cxx_compiler, "c++", "c++20")
    return [(cxx_compiler, "c++", standard, rtti) for standard in ("c++17", "c++20") for rtti in ("-frtti", "-fno-rtti")]


def main(directory, c_compiler, cxx_compiler):
    headers = sorted(path.name for path in (pathlib.Path(directory) / "boucle").glob("*.h*"))
    # Twice: the guard works.
    groups = [(header, header) for header in headers] + [(UMBRELLA, PREFIXED), (PREFIXED, UMBRELLA)]
    failures = 0
    for group in groups:
        for compiler, language, standard, *options in ways(group, c_compiler, cxx_compiler):
            if not compiles(compiler, language, standard, group, ["-I", directory, *options]):
                print(f"{' and '.join(group)}: not clean as {standard}")
                failures += 1
    print(f"{len(headers)} headers, {failures} failures")
    return 1 if failures or not headers else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
