"""Rewrites the headers for Doxygen: what stands before a declaration documents it, and slots become paragraphs.

For HTML, a header is a page with sections. For manual pages, each function is a page (of Doxygen: a group). Slots that are
left out, because they say the default, are filled in again: a page is read alone.
"""
import re

SLOTS = ["Ownership", "Thread", "Errors", "asyncio", "Since"]
DEFAULTS = {"Thread": "the loop's", "Since": "0.3"}
COMMENT = re.compile(r"/\*(.*?)\*/", re.S)
FUNCTION = re.compile(r"\s*BOUCLE_API\s+([^;(]*?\b(\w+)\s*\(([^;]*)\));")


def lines_of(comment):
    """Its lines, without the stars."""
    return [re.sub(r"^ ?\* ?", "", line).rstrip() for line in comment.strip().splitlines()]


def slots_of(lines):
    """The text, and the slots: each a list of lines."""
    text, slots = [], {}
    into = text
    for line in lines:
        found = re.match(rf"\s*({'|'.join(SLOTS)}):\s*(.*)", line)
        if found:
            into = slots.setdefault(found[1], [])
            line = found[2]
        into.append(line)
    return text, {slot: " ".join(part.strip() for part in parts) for slot, parts in slots.items()}


def ownership(name, parameters, text):
    """What the slot says, and what conventions 2 and 5 of base.h say of the rest."""
    return "; ".join(([text] if text else []) + [part for word, part in defaults(name, parameters) if word not in text])


def defaults(name, parameters):
    """Pairs of a word and of what there is to say if nothing was said with it."""
    if name.endswith("_ref"):
        return [("unref", "the caller owes an unref for each ref")]
    if name.endswith("_unref"):
        return [("gives", "gives up a reference")]
    parts = [(ret, f"{ret} gets a new reference") for ret in re.findall(r"_t \*\*(ret_\w+)", parameters)]
    parts += [("triple", "takes the triple")] if re.search(r"destroy_fn destroy\b", parameters) else []
    borrowed = re.findall(r"_t \*(?!ret_)(\w+)\s*(?:,|$)", parameters)
    return [(each, f"borrows {each}") for each in borrowed] + parts


class Writer:
    def __init__(self, manual, functions):
        self.manual = manual
        self.names = re.compile(r"\b(" + "|".join(sorted(functions, key=len, reverse=True)) + r")\b(?!\()(?:\(\))?")

    def words(self, text):
        """Text as Doxygen reads it, with references."""
        text = re.sub(r"([\\@&$#<>%])", r"\\\1", text)
        text = re.sub(r"`([^`\n]+)`", r"<tt>\1</tt>", text)
        return self.names.sub(r"\1(3)" if self.manual else r"\1()", text)

    def paragraphs(self, lines):
        return "\n".join(self.words(line) for line in lines).strip()

    def file(self, name, lines):
        """The comment atop a header. What is laid out with blanks stays so."""
        brief, *rest = re.split(r"(?<=\.)\s", "\n".join(lines), maxsplit=1)
        text = "\n".join(rest).strip("\n")
        laid_out = re.search(r"^ ", text, flags=re.M)
        body = f"<pre>\n{self.words(text)}\n</pre>" if laid_out else self.words(text)
        page = "@mainpage Boucle" if name == "boucle.h" else f"@file {name}"
        return f"/** {page}\n@brief {self.words(brief)}\n\n{body}\n*/"

    def function(self, header, lines, match):
        declaration, name, parameters = match[1], match[2], match[3]
        text, slots = slots_of(lines)
        slots["Ownership"] = ownership(name, parameters, slots.get("Ownership", ""))
        for slot, default in DEFAULTS.items():
            slots.setdefault(slot, default)
        doc = self.paragraphs(text)
        for slot in SLOTS:
            if slots.get(slot, "none") != "none" or slot == "Errors":
                doc += f"\n\n@par {slot}\n{self.words(slots.get(slot, 'none'))}"
        brief = re.split(r"(?<=[.:])\s", " ".join(text), maxsplit=1)[0]
        if not self.manual:
            return f"/** {doc}\n*/\n{declaration};\n"
        doc += f"\n\n@par Header\n\\<boucle/{header}\\>"
        return (f"/** @defgroup {name} {name}\n@brief {self.words(brief).rstrip(':')}\n@{{ */\n/** {doc}\n*/\n"
                f"{declaration};\n/** @}} */\n")


def annotate(writer, name, text):
    """The header with the comments that Doxygen reads, and without what only compilers do."""
    parts, end, section = [], 0, False
    for found in COMMENT.finditer(text):
        if found.start() < end:
            continue
        parts.append(text[end : found.start()])
        end, lines = found.end(), lines_of(found[1])
        if not "".join(parts).strip():
            parts.append(writer.file(name, lines))
        elif lines[0].startswith("----") and not writer.manual:
            parts.append(("/** @} */\n" if section else "") + section_start(writer, lines))
            section = True
        elif text[: found.start()].rsplit("\n", 1)[-1].strip():
            parts.append(f"/**< {writer.paragraphs(lines)} */")  # behind a constant
        elif function := FUNCTION.match(text, end):
            while function and (function.start() == end):
                parts.append(writer.function(name, lines, function))
                end = function.end()
                function = FUNCTION.match(text, end)
                function = function if function and function[2].endswith("_unref") else None
        elif re.match(r"\n(typedef|enum)\b", text[end:]):
            parts.append(f"/** {writer.paragraphs(lines)} */")
    out = "".join(parts) + ("\n/** @} */\n" if section else "") + text[end:]
    return re.sub(r"^(BOUCLE_(BEGIN|END)_DECLS|#(?!ifndef BOUCLE_\w+_H|define BOUCLE_\w+_H|endif\n?\Z|include).*)\n", "", out,
                  flags=re.M)


def section_start(writer, lines):
    title, *rest = lines
    title = title.strip("- ")
    return f"/** @name {writer.words(title)}\n{writer.paragraphs(line.replace(' ----', '') for line in rest)}\n@{{ */"


def annotate_all(form, directory, paths):
    headers = {path.name: path.read_text() for path in paths}
    functions = [match[2] for text in headers.values() for match in FUNCTION.finditer(COMMENT.sub("", text))]
    writer = Writer(form == "man", functions)
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in headers.items():
        (directory / name).write_text(annotate(writer, name, text))
