#!/usr/bin/env python3
"""Each function has a manual page and an entry in the HTML, and there are no other pages.

    reference.py CAPI_DIRECTORY REFERENCE_DIRECTORY
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import symbols


def manual_problem(name, page):
    """Returns what is missing in the manual page, or None."""
    if not re.search(rf"^\.SH NAME\n{name} \\- \S.*\n", page, flags=re.M):
        return "no line for whatis(1)"
    if page.split(".SH SYNOPSIS")[0].count("(") != page.split(".SH SYNOPSIS")[0].count(")"):
        return "its line for whatis(1) ends inside parentheses"
    if not re.search(rf'^\.SS ".*\b{name} \(', page, flags=re.M):
        return "its declaration is missing"
    missing = [slot for slot in ("Thread", "Errors", "Since", "Header") if f"\\fB{slot}\\fP" not in page]
    return f"no {', '.join(missing)}" if missing else None


def main(capi, reference):
    functions = symbols.exported(pathlib.Path(capi) / "boucle.map")
    pages = {path.stem: path.read_text() for path in (pathlib.Path(reference) / "man3").iterdir()}
    html = "".join(path.read_text() for path in (pathlib.Path(reference) / "html").glob("*_8h.html"))
    problems = [f"{name}: no manual page" for name in functions if name not in pages]
    problems += [f"{name}: {problem}" for name in functions
                 if name in pages and (problem := manual_problem(name, pages[name]))]
    problems += [f"{name}: a page for no function" for name in sorted(set(pages) - set(functions) - {"boucle"})]
    problems += [f"{name}: not in the HTML" for name in functions if f"</span>{name}()</h2>" not in html]
    index = (pathlib.Path(reference) / "html" / "index.html").read_text()
    problems += [] if ">loop_run_until_complete()</a>" in index else ["the index does not lead to the functions"]
    print("\n".join(problems + [f"{len(functions)} functions, {len(problems)} problems"]))
    return 1 if problems or not functions else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
