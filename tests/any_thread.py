#!/usr/bin/env python3
"""Each function whose comment says "Thread: any" is called by tests/c/test_any_*.c, in other threads.

    any_thread.py SOURCE_ROOT
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
import exports


def main(root):
    root = pathlib.Path(root)
    tested = "".join(path.read_text() for path in sorted((root / "tests" / "c").glob("test_any_*.c")))
    headers = sorted((root / "capi" / "include" / "boucle").glob("*.h"))
    functions = [pair for path in headers for pair in exports.documented(path.read_text())]
    of_any = [name for name, comment in functions if re.search(r"\* +Thread: any\b", comment)]
    missing = [name for name in of_any if not re.search(rf"\b{name}\(", tested)]
    print("\n".join(f"{name}: \"Thread: any\", but no tests/c/test_any_*.c calls it" for name in missing))
    print(f"{len(of_any)} functions for any thread, {len(missing)} problems")
    return 1 if missing or not of_any else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
