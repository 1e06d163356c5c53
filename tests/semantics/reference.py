#!/usr/bin/env python3
"""Prints CPython's traces of scenarios with `post CALL` (call_soon_threadsafe), which the language of the corpus lacks.

    reference.py PATH-TO-SHARED-CONFORMANCE [--write | --verify] SCENARIO-OR-DIRECTORY...
"""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import reference


def post(env, frame, call):
    callback, arguments = env.handle(frame, call)
    return env.loop.call_soon_threadsafe(callback, *arguments)


reference.Ops.post = post
# The scenarios' loop has no selector that would have to be woken.
reference.VirtualLoop._write_to_self = lambda loop: None

if __name__ == "__main__":
    sys.exit(reference.main(sys.argv[2:]))
