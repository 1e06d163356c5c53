#!/usr/bin/env python3
"""tests/c/test_any_*.c calls each function whose comment says "Thread: any", in several threads.

    any_thread.py SOURCE_ROOT
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent / "documented"))
import documented


def main(root):
    root = pathlib.Path(root)
    tested = "".join(path.read_text() for path in sorted((root / "tests" / "c").glob("test_any_*.c")))
    functions = documented.all_functions(root / "capi" / "include")
    of_any = [function.name for function in functions if function.slots.get("Thread", "").startswith("any")]
    missing = [name for name in of_any if not re.search(rf"\b{name}\(", tested)]
    print("\n".join(f"{name}: \"Thread: any\", but no tests/c/test_any_*.c calls it" for name in missing))
    print(f"{len(of_any)} functions for any thread, {len(missing)} problems")
    return 1 if missing or not of_any else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
