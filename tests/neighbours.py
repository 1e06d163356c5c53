#!/usr/bin/env python3
"""Headers of other libraries can be included with ours in one file: in C and C++, in both orders, in both spellings.

    neighbours.py INCLUDE_DIRECTORY C_COMPILER CXX_COMPILER

Headers that are not installed are skipped. Short names may clash with those of another library (CLASHES). A file that needs
both then uses prefixed.h, which clashes with nothing.
"""
import concurrent.futures
import shlex
import shutil
import subprocess
import sys

# Each header, and the package of pkg-config that knows its directory.
NEIGHBOURS = {
    "event2/event.h": "libevent",
    "ev.h": "libev",
    "uv.h": "libuv",
    "glib.h": "glib-2.0",
    "curl/curl.h": "libcurl",
    "openssl/ssl.h": "openssl",
    "lua.h": "lua5.4",
    "luajit.h": "luajit",
    "Python.h": "python3",
    "SDL2/SDL.h": "sdl2",
    "ncurses.h": "ncurses",
    "systemd/sd-event.h": "libsystemd",
    "libpq-fe.h": "libpq",
    "sqlite3.h": "sqlite3",
    "zlib.h": "zlib",
    "X11/Xlib.h": "x11",
    "pthread.h": "",
    "semaphore.h": "",
    "threads.h": "",
    "ucontext.h": "",
}
# Those that a C file cannot include beside the short spelling, and why.
CLASHES = {
    "event2/event.h": "event_new is another function",
}
SPELLINGS = {"boucle.h": "loop_t *kept; int used(void) { return loop_close(kept); }\n",
             "prefixed.h": "boucle_loop_t *kept; int used(void) { return boucle_loop_close(kept); }\n"}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def directories(package):
    """Where the package has its headers, as directories of the system: what they are warned of is not for us."""
    if not package or not shutil.which("pkg-config"):
        return []
    answer = subprocess.run(["pkg-config", "--cflags", package], text=True, capture_output=True)
    flags = shlex.split(answer.stdout) if answer.returncode == 0 else []
    return [part for flag in flags for part in (["-isystem", flag[2:]] if flag.startswith("-I") else [flag])]


def complaints(language, source, flags):
    command = [*language, *WARNINGS, *flags, "-fsyntax-only", "-"]
    answer = subprocess.run(command, input=source, text=True, capture_output=True)
    return answer.stderr if answer.returncode else ""


def check(language, neighbour, include):
    """What is wrong with this neighbour; None if it is not here."""
    flags = include + directories(NEIGHBOURS[neighbour])
    theirs = f"#include <{neighbour}>\n"
    if complaints(language, theirs, flags):
        return None
    problems = []
    for ours, use in SPELLINGS.items():
        pair = [f"#include <boucle/{ours}>\n", theirs]
        for order in (pair, pair[::-1]):
            found = complaints(language, "".join(order) + use, flags)
            expected = ours == "boucle.h" and neighbour in CLASHES
            if bool(found) != expected:
                problems.append(f"{neighbour} beside {ours}, {language[-1]}: {found or 'does not clash any more'}")
    return problems


def main(directory, c_compiler, cxx_compiler):
    languages = [[*shlex.split(c_compiler), "-x", "c", "-std=gnu11"], [*shlex.split(cxx_compiler), "-x", "c++", "-std=gnu++20"]]
    cases = [(language, neighbour, ["-I", directory]) for neighbour in NEIGHBOURS for language in languages]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda case: check(*case), cases))
    absent = sorted({neighbour for (_, neighbour, _), answer in zip(cases, answers) if answer is None})
    problems = [problem for answer in answers for problem in answer or []]
    print("\n".join(problems + [f"not here: {', '.join(absent) or 'none'}",
                                f"{len(NEIGHBOURS) - len(absent)} neighbours, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
