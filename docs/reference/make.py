#!/usr/bin/env python3
"""Makes the reference with Doxygen: HTML, and a manual page for each function.

    make.py DOXYGEN DOXYFILE_IN VERSION OUTPUT_DIRECTORY HEADER...
"""
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import annotate

CONVENTIONS = "base.h"  # its page is that of the library


def doxygen(program, template, version, form, headers, work, output):
    annotate.annotate_all(form, work / form, headers)
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    values = {"VERSION": version, "INPUT": str(work / form), "OUTPUT": str(output), "HTML": "NO", "MAN": "NO",
              form.upper(): "YES"}
    settings = re.sub(r"@(\w+)@", lambda match: values[match[1]], template)
    subprocess.run([program, "-"], input=settings, text=True, check=True)


def tidied(page, version):
    """A manual page without what Doxygen says twice, and without the day on which it was made."""
    page = re.sub(r'^(\.TH "[^"]*" 3) "[^"]*"', r'\1 ""', page)
    page = re.sub(r"^(\.SH NAME\n\S+) \\- .*\n\.PP\n \\- (.*?)(?:\\&)?\.? *$", r"\1 \- \2", page, flags=re.M)
    page = re.sub(r'^\.SH "Detailed Description"\n.*?(?=^\.SH "Function Documentation")', "", page, flags=re.M | re.S)
    page = re.sub(r'^\.RI "(?!.*\\fB\w+\\fP \().*\n', "", page, flags=re.M)
    return re.sub(r'^\.SH "Author"\n(.*\n)*', "", page, flags=re.M).replace('"Function Documentation"', "DESCRIPTION")


def manual(directory, version):
    """The pages of functions, and that of the conventions as boucle(3)."""
    pages = directory / "man3"
    conventions = (pages / f"{CONVENTIONS}.3").read_text()
    for page in pages.glob("*.h.3"):
        page.unlink()
    conventions = conventions.replace(f'"{CONVENTIONS}"', '"boucle"').replace(f"\n{CONVENTIONS} \\-", "\nboucle \\-")
    (pages / "boucle.3").write_text(conventions)
    for page in pages.glob("*.3"):
        page.write_text(tidied(page.read_text(), version))


def main(program, template, version, directory, *paths):
    directory, headers = pathlib.Path(directory), [pathlib.Path(path) for path in paths if path.endswith(".h")]
    work = directory / "annotated"
    for form in "html", "man":
        doxygen(program, pathlib.Path(template).read_text(), version, form, headers, work, work / "made" / form)
    manual(work / "made" / "man", version)
    for name, made in ("html", work / "made" / "html"), ("man3", work / "made" / "man" / "man3"):
        shutil.rmtree(directory / name, ignore_errors=True)
        shutil.move(made, directory / name)
    shutil.rmtree(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
