#!/usr/bin/env python3
"""Includes go one way: a directory includes only itself and those before it in ROOMS. Only core/sys includes headers of the
system.

    layout.py SOURCE_ROOT
"""
import pathlib
import re
import sys

ROOMS = ["base", "sys", "loop", "async", "net"]
# Headers of the operating system, as opposed to those of C and C++. <cerrno> has the numbers that a status is made of.
SYSTEM = re.compile(
    r"(sys|netinet|arpa|linux|net|asm)/.*|(aio|dirent|dlfcn|fcntl|grp|ifaddrs|mqueue|netdb|poll|pthread|pwd|resolv"
    r"|sched|semaphore|signal|spawn|strings|syslog|termios|threads|time|ucontext|unistd|utime|wait|liburing)\.h"
    r"|csignal|thread|mutex|shared_mutex|condition_variable|future|filesystem|semaphore|latch|barrier|stop_token"
)
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def room_of(path):
    return path.parts[1] if path.parts[0] == "core" else "capi"


def complaint(path, quote, included):
    room = room_of(path)
    reachable = ROOMS if room == "capi" else ROOMS[: ROOMS.index(room) + 1]
    if quote == '"':
        if room == "capi" and "/" not in included:
            return None  # a neighbour
        target = included.split("/")[0]
        if target not in reachable:
            return f"{room} may include {', '.join(reachable)}; this is not one of them"
    elif included.startswith("boucle/"):
        if room != "capi":
            return "the core does not know the C API"
    elif SYSTEM.fullmatch(included) and room != "sys":
        return "only core/sys includes headers of the system"
    return None


def sources(root):
    for top in ("core", "capi"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".hpp", ".cpp", ".h", ".c"):
                yield path


def find_circle(root):
    """Headers of the core, each of which includes the next, and the last one the first; or None."""
    core = root / "core"
    needs = {}
    for path in core.rglob("*.hpp"):
        found = [INCLUDE.match(line) for line in path.read_text().splitlines()]
        needs[path.relative_to(core).as_posix()] = [m.group(2) for m in found if m and m.group(1) == '"']
    done = set()

    def visit(header, above):
        if header in above:
            return above[above.index(header):] + [header]
        if header in done:
            return None
        done.add(header)
        circles = (visit(needed, above + [header]) for needed in needs.get(header, []))
        return next((circle for circle in circles if circle), None)

    return next((circle for circle in (visit(header, []) for header in sorted(needs)) if circle), None)


def main(root):
    root = pathlib.Path(root)
    files = failures = 0
    if circle := find_circle(root):
        print("headers in a circle: " + " -> ".join(circle))
        failures += 1
    for path in sources(root):
        relative = path.relative_to(root)
        if relative.parts[0] == "core" and (len(relative.parts) != 3 or relative.parts[1] not in ROOMS):
            print(f"{relative}: not in one of the rooms {', '.join(ROOMS)}")
            failures += 1
            continue
        files += 1
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            problem = match and complaint(relative, *match.groups())
            if problem:
                print(f"{relative}:{number}: {line.strip()}: {problem}")
                failures += 1
    print(f"{files} files, {failures} forbidden includes")
    return 1 if failures or not files else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
