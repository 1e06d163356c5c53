#!/usr/bin/env python3
"""Kinds of exceptions are Python's: for each errno, the exception that the library makes has the kind and the text of the one
that Python makes; and each kind that exception.h lists has the base classes that it has in Python.

    kinds.py SOURCE_ROOT LIBRARY
"""
import asyncio
import builtins
import ctypes
import errno
import os
import pathlib
import re
import sys

# The statuses for which Python has no OSError of its own kind, but raises another exception where they occur.
OTHERS = {errno.EINVAL: ("ValueError", "Invalid argument"), errno.ENOMEM: ("MemoryError", None)}
LARGEST = 200  # some more than Linux has


def load(path):
    library = ctypes.CDLL(path)
    for name, result, arguments in [
        ("new", ctypes.c_int, [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]),
        ("new_from_status", ctypes.c_int, [ctypes.c_int, ctypes.POINTER(ctypes.c_void_p)]),
        ("kind", ctypes.c_char_p, [ctypes.c_void_p]),
        ("message", ctypes.c_char_p, [ctypes.c_void_p]),
        ("status", ctypes.c_int, [ctypes.c_void_p]),
        ("matches", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
        ("unref", None, [ctypes.c_void_p]),
    ]:
        function = getattr(library, "boucle_exception_" + name)
        function.restype, function.argtypes = result, arguments
    return library


def python_class(kind):
    return getattr(builtins, kind, None) or getattr(asyncio, kind, None)


def listed_kinds(root):
    """The kinds that the first comment of exception.h lists, with their classes in Python."""
    comment = (root / "capi/include/boucle/exception.h").read_text().split("*/")[0]
    kinds = re.findall(r"\b[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Group|Empty|Full|ShutDown)\b", comment)
    return {kind: python_class(kind) for kind in kinds}


def errno_problems(library, kinds):
    for number in range(1, LARGEST + 1):
        exception = ctypes.c_void_p()
        if library.boucle_exception_new_from_status(-number, ctypes.byref(exception)) != 0:
            yield f"errno {number}: no exception"
            continue
        python = OSError(number, os.strerror(number))
        kind, text = OTHERS.get(number, (type(python).__name__, str(python)))
        message = library.boucle_exception_message(exception)
        found = library.boucle_exception_kind(exception).decode(), message and message.decode()
        if found != (kind, text):
            yield f"errno {number}: {found}, and in Python {(kind, text)}"
        if library.boucle_exception_status(exception) != -number:
            yield f"errno {number}: the status is lost"
        yield from base_problems(library, exception, kind, kinds)
        library.boucle_exception_unref(exception)


def base_problems(library, exception, kind, kinds):
    for other, cls in kinds.items():
        expected = issubclass(kinds[kind], cls)
        if library.boucle_exception_matches(exception, other.encode()) != expected:
            yield f"{kind} matches {other}: {not expected}, and in Python {expected}"


def kind_problems(library, kinds):
    for kind in kinds:
        exception = ctypes.c_void_p()
        if library.boucle_exception_new(kind.encode(), None, ctypes.byref(exception)) == 0:
            yield from base_problems(library, exception, kind, kinds)
            library.boucle_exception_unref(exception)


def main(root, path):
    library, kinds = load(path), listed_kinds(pathlib.Path(root))
    unlisted = {cls.__name__ for cls in [OSError, *OSError.__subclasses__(), *ConnectionError.__subclasses__()]
                if cls.__module__ == "builtins"} - set(kinds)
    problems = [f"exception.h does not list {kind}" for kind in sorted(unlisted)]
    # QueueShutDown came with Python 3.13.
    problems += [f"Python has no {kind}" for kind, cls in kinds.items() if cls is None and kind != "QueueShutDown"]
    kinds = {kind: cls for kind, cls in kinds.items() if cls is not None}
    if not problems:
        problems = [*errno_problems(library, kinds), *kind_problems(library, kinds)]
    print("\n".join(problems + [f"{LARGEST} errnos, {len(kinds)} kinds, {len(problems)} problems"]))
    return 1 if problems or not kinds else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
