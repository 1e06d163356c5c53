#!/usr/bin/env python3
"""Reads what the headers say of each public function, and which statuses it may return.

    documented.py INCLUDE_DIRECTORY DECLARATIONS_H ROWS_INC

writes the table that a test program checks returned statuses against. Convention 10 of base.h has the slots; this is the
grammar of the slot Errors:

    slot    none [; what NULL gives]  or  clauses, separated by `;`
    clause  statuses, and then the condition. `Once it ran: ` may stand before the first status, after a full stop.
    statuses  -ERANGE or LOOP_EBUSY, several of them separated by `, `, ` or ` and ` and `; the last may be
              `what else epoll_ctl(2) says`: any -errno

LOOP_ECLOSED, LOOP_EWRONGTHREAD, LOOP_EFORKED, LOOP_EWRONGLOOP and -ENOMEM need no condition. Where LOOP_EWRONGTHREAD is
listed, LOOP_EFORKED may be returned too (convention 9). A function whose text says
`Returns the number ...` or `Returns 1 ...` may also return positive numbers.
"""
import pathlib
import re
import sys
from dataclasses import dataclass, field

SLOTS = ["Ownership", "Thread", "Errors", "asyncio", "Since"]
ALONE = {"LOOP_ECLOSED", "LOOP_EWRONGTHREAD", "LOOP_EFORKED", "LOOP_EWRONGLOOP", "-ENOMEM"}
DECLARATION = re.compile(r"BOUCLE_API\s+([^;(]*?)\b(\w+)\s*\(([^;]*)\)\s*;")
BLANKED = re.compile(r"/\*.*?\*/|^#.*?$", flags=re.S | re.M)
STATUS = r"(?:LOOP_E[A-Z]+|-E[A-Z0-9]+)"
LATER = re.compile(r"\.\s+Once it ran:\s+")
SYSTEM = re.compile(r"what else (?:\w+\(\d\)(?:, | and )?)+ says?")
CLAUSE = re.compile(rf"(?P<list>(?:{STATUS}|{SYSTEM.pattern})(?:(?:, | or | and )(?:{STATUS}|{SYSTEM.pattern}))*),?(?P<condition>.*)")


@dataclass
class Function:
    name: str
    returns: str
    comment: str
    shares: bool  # the comment of x_ref
    slots: dict = field(default_factory=dict)
    text: str = ""

    def __post_init__(self):
        lines = [line.strip().lstrip("*").strip() for line in self.comment.splitlines()]
        current, words = None, {None: []}
        for line in lines:
            slot = next((slot for slot in SLOTS if line.startswith(slot + ":")), None)
            if slot:
                current, line = slot, line[len(slot) + 1 :]
                words.setdefault(slot, [])
            words[current].append(line.strip())
        joined = {slot: " ".join(filter(None, parts)) for slot, parts in words.items()}
        self.text = joined.pop(None)
        self.slots = joined

    @property
    def errors(self):
        return self.slots.get("Errors", "")

    @property
    def can_fail(self):
        return not re.match(r"none\b", self.errors)

    @property
    def may_be_positive(self):
        return bool(re.search(r"\bReturns (?:the number|1)\b", self.text))

    def clauses(self):
        """Pairs of the statuses that a clause names and its condition; ([], text) for one that does not parse."""
        if not self.can_fail:
            return []
        parts = [part.strip() for part in LATER.sub("; ", self.errors).split(";")]
        matches = [(part, CLAUSE.fullmatch(part)) for part in parts]
        return [(split_statuses(m["list"]), m["condition"].strip()) if m else ([], part) for part, m in matches]

    def statuses(self):
        return [status for statuses, _ in self.clauses() for status in statuses]


def split_statuses(text):
    found = re.findall(STATUS, SYSTEM.sub("", text))
    return found + (["any errno"] if SYSTEM.search(text) else [])


def functions_of(text):
    """The functions of one header, in their order. A pair x_ref, x_unref shares a comment."""
    previous, comment, end = "", "", 0
    blank = BLANKED.sub(lambda c: re.sub(r"[^\n]", " ", c[0]), text)
    for match in DECLARATION.finditer(blank):
        between, name = text[end : match.start()], match[2]
        shares = not between.strip() and name.endswith("_unref") and previous == name.replace("_unref", "_ref")
        if not shares:
            found = re.search(r"/\*((?:(?!\*/).)*)\*/\n$", between, flags=re.S)
            comment = found[1] if found else ""
        yield Function(name, " ".join(match[1].split()), comment, shares)
        previous, end = name, match.end()


def headers(include):
    return sorted(pathlib.Path(include).rglob("*.h"))


def all_functions(include):
    return [function for path in headers(include) for function in functions_of(path.read_text())]


# ---- the table ----

def row(function):
    statuses = [status for status in dict.fromkeys(function.statuses()) if status != "any errno"]
    if "LOOP_EWRONGTHREAD" in statuses and "LOOP_EFORKED" not in statuses:
        statuses.append("LOOP_EFORKED")
    any_errno = int("any errno" in function.statuses())
    numbers = ", ".join(statuses + ["0"])
    any_thread = int(function.slots.get("Thread", "").startswith("any"))
    flags = [int(function.can_fail), any_errno, int(function.may_be_positive), any_thread]
    return (f'{{"{function.name}", {", ".join(map(str, flags))}, '
            f"{{{numbers}}}}},")


def declarations(functions):
    yield "/* Made by tests/documented.py. Each call of a function that can fail is checked against its header. */"
    yield "#include <boucle/boucle.h>"
    yield "enum documented {"
    yield from (f"  DOCUMENTED_{function.name}," for function in functions)
    yield "  DOCUMENTED_COUNT"
    yield "};"
    yield f"#define DOCUMENTED_FUNCTIONS(F) {' '.join(f'F({function.name})' for function in functions)}"
    yield "/* Returns the status. Aborts if the function's slot Errors does not name it. */"
    yield "int documented_check(enum documented function, int status);"
    yield "const char *documented_name(enum documented function);"
    yield "int documented_can_fail(enum documented function);"
    yield "int documented_any_thread(enum documented function);"
    for function in functions:
        if function.can_fail:
            yield f"#define {function.name}(...) documented_check(DOCUMENTED_{function.name}, {function.name}(__VA_ARGS__))"


def main(include, declarations_h, rows_inc):
    functions = all_functions(include)
    pathlib.Path(declarations_h).write_text("\n".join(declarations(functions)) + "\n")
    pathlib.Path(rows_inc).write_text("\n".join(map(row, functions)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
