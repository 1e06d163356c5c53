#!/usr/bin/env python3
"""The headers, the symbol map, the exports of the library and the documentation name the same functions.

    exports.py CAPI_DIRECTORY SHARED_LIBRARY
"""
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent / "documented"))
import documented

NODE = "BOUCLE_1"
STATUS = re.compile(r"\bLOOP_E[A-Z]+\b")
REFERENCE = re.compile(r"\b(?:as|those of|all of|like) [a-z]+_[a-z_]+|\bas above\b|\bthe same as\b|\bditto\b")
THREAD = re.compile(r"(?:the loop's|any)(?:, .+)?")
# What an exception says, which a future raises, and no function returns.
CARRIED = re.compile(r"\bits\s+(?:\*\s+)?status\s+(?:\*\s+)?is\s+(?:\*\s+)?(LOOP_E[A-Z]+)\b")
CODE = re.compile(documented.STATUS)


def exported_by_map(capi):
    sys.path.insert(0, str(capi))
    import symbols
    return symbols.exported(capi / "boucle.map")


def symbols_of(functions):
    import symbols
    return [symbols.with_prefix(name) for name in functions] + symbols.aliased(functions)


def slot_problems(function):
    """Convention 10 of base.h: a sentence, and then slots, on lines of their own. tests/slots.py knows which."""
    if not function.text and not function.slots:
        return ["has no comment"]
    problems = [] if "Errors" in function.slots else ["its comment has no slot Errors"]
    if not function.text:
        problems.append("its comment does not say what it does")
    if re.match(r"The same\b", function.text):
        problems.append("its comment says what another function does")
    for slot, text in function.slots.items():
        if not text:
            problems.append(f"{slot}: says nothing")
        if REFERENCE.search(text):
            problems.append(f"{slot} refers to another comment: {REFERENCE.search(text)[0]}")
    if "Thread" in function.slots and not THREAD.fullmatch(function.slots["Thread"]):
        problems.append("Thread: neither \"the loop's\" nor \"any\"")
    return problems


def error_problems(function, statuses):
    """The slot Errors parses, says when each status comes, and is there where the function can say so."""
    if function.can_fail and function.returns != "int":
        return [f"returns {function.returns}, and yet can fail"]
    problems = []
    for named, condition in function.clauses():
        if not named:
            problems.append(f"Errors does not parse: {condition}")
        elif not condition and not documented.ALONE.issuperset(named):
            problems.append(f"Errors: when {', '.join(named)}?")
        elif CODE.search(condition):
            problems.append(f"Errors: {CODE.search(condition)[0]} is in the middle of a condition")
    named = function.statuses()
    problems += [f"Errors names {status} twice" for status in dict.fromkeys(named) if named.count(status) > 1]
    return problems + [f"there is no {status}" for status in STATUS.findall(function.comment) if status not in statuses]


def sharing_problems(functions):
    own = [function for function in functions if not function.shares]
    first = {}
    return [f"{function.name}: has the comment of {first[function.comment]}" for function in own
            if first.setdefault(function.comment, function.name) != function.name]


def comment_problems(functions, statuses, carried):
    problems = [f"{function.name}: {problem}" for function in functions
                for problem in slot_problems(function) + error_problems(function, statuses)]
    returned = {status for function in functions for status in function.statuses()} | carried
    problems += [f"{status}: no function returns it" for status in statuses if status not in returned]
    return problems + sharing_problems(functions)


def exported_by_library(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, text=True, stdout=subprocess.PIPE)
    symbols = [line.split()[-1] for line in listing.stdout.splitlines()]
    return [symbol for symbol in symbols if symbol.split("@")[0] != NODE]


def difference(what, left, right):
    problems = [f"{name}: {what}" for name in sorted(set(left) - set(right))]
    return problems + [f"{name}: twice" for name in sorted(set(left)) if left.count(name) > 1]


def main(capi, library):
    capi = pathlib.Path(capi)
    functions = documented.all_functions(capi / "include")
    in_headers = [function.name for function in functions]
    statuses = re.findall(r"^  (LOOP_E[A-Z]+) =", (capi / "include" / "boucle" / "status.h").read_text(), flags=re.M)
    in_map = exported_by_map(capi)
    in_library = exported_by_library(library)
    versioned = [f"{name}@@{NODE}" for name in symbols_of(in_map)]

    problems = difference("in a header, not in boucle.map", in_headers, in_map)
    problems += difference("in boucle.map, not in a header", in_map, in_headers)
    problems += difference("in boucle.map, not exported", versioned, in_library)
    problems += difference("exported, not in boucle.map", in_library, versioned)
    carried = {status for header in (capi / "include" / "boucle").glob("*.h")
               for status in CARRIED.findall(header.read_text())}
    problems += comment_problems(functions, statuses, carried)
    print("\n".join(problems + [f"{len(in_map)} functions, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
