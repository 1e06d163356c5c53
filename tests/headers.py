#!/usr/bin/env python3
"""Each public header compiles alone, twice, as C99 and as C++20, or as C++17 and C++20 with and without RTTI if it is one
for C++; without a warning.

    headers.py INCLUDE_DIRECTORY GENERATED_INCLUDE_DIRECTORY C_COMPILER CXX_COMPILER
"""
import pathlib
import shlex
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wstrict-prototypes"]


def compiles(compiler, language, standard, header, include):
    # Twice: the guard works. Nothing before it: the header brings along what it needs.
    source = f"#include <boucle/{header}>\n#include <boucle/{header}>\nint main(void) {{ return 0; }}\n"
    warnings = WARNINGS if language == "c" else WARNINGS[:-1]
    command = [*shlex.split(compiler), "-x", language, f"-std={standard}", *warnings, *include, "-fsyntax-only", "-"]
    return subprocess.run(command, input=source, text=True).returncode == 0


def ways(header, c_compiler, cxx_compiler):
    if header.endswith(".h"):
        return (c_compiler, "c", "c99"), (cxx_compiler, "c++", "c++20")
    return [(cxx_compiler, "c++", standard, rtti) for standard in ("c++17", "c++20") for rtti in ("-frtti", "-fno-rtti")]


def main(directory, generated, c_compiler, cxx_compiler):
    headers = sorted(path.name for path in (pathlib.Path(directory) / "boucle").glob("*.h*")) + ["config.h"]
    include = ["-I", directory, "-I", generated]
    failures = 0
    for header in headers:
        for compiler, language, standard, *options in ways(header, c_compiler, cxx_compiler):
            if not compiles(compiler, language, standard, header, [*include, *options]):
                print(f"{header}: not clean as {standard}")
                failures += 1
    print(f"{len(headers)} headers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
