"""One file out of many, made when static files are collected: on a phone, fifty requests would take their time.

The checkout is served as it stands; this only puts its files together, in the order in which they need each other. It
knows the ways of importing and exporting that static/ uses, and refuses any other, so nothing is left out silently.
"""

import re
from collections.abc import Callable
from posixpath import dirname, join, normpath

from .squeezing import squeezed_script, squeezed_styles

Read = Callable[[str], str]

JS_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n|^[ \t]*//[^\n]*\n|[ \t]+// [^\n\"'`]*$", re.MULTILINE | re.DOTALL)
JS_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
JS_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
JS_OTHER = re.compile(r"^(?:import|export)\b[^\n]*", re.MULTILINE)
CSS_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)


class CannotLink(Exception):
    """A file uses a way of importing or exporting that is not known here."""


def linked(name: str, read: Read) -> str:
    """The file `name` and all that it imports, as one text. `read(name)` gives a file's text."""
    return squeezed_styles(linked_styles(name, read)) if name.endswith(".css") else linked_modules(name, read)


def linked_styles(name: str, read: Read) -> str:
    return CSS_IMPORT.sub(lambda match: linked_styles(beside(name, match[1]), read), read(name))


def linked_modules(entry: str, read: Read) -> str:
    """Each module is a function that runs once, after those that it imports, and gives what it exports."""
    numbers: dict[str, int] = {}
    parts: list[str] = []

    def add(name: str) -> None:
        text = JS_COMMENT.sub("", read(name))
        for _, path in JS_IMPORT.findall(text):
            if beside(name, path) not in numbers:
                add(beside(name, path))
        numbers[name] = len(numbers)
        parts.append(wrapped(name, text, numbers))

    add(entry)
    return squeezed_script("".join(parts))


def wrapped(name: str, text: str, numbers: dict[str, int]) -> str:
    exported = ", ".join(JS_EXPORT.findall(text))
    body = JS_EXPORT.sub("", JS_IMPORT.sub(lambda match: unpacked(match, name, numbers), text))
    if other := JS_OTHER.search(body):
        raise CannotLink(f"{name}: {other[0]}")
    return f"const m{numbers[name]} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"


def unpacked(match: re.Match, name: str, numbers: dict[str, int]) -> str:
    names = match[1].replace(" as ", ": ")
    return f"const {{{names}}} = m{numbers[beside(name, match[2])]};\n"


def beside(name: str, path: str) -> str:
    return normpath(join(dirname(name), path))
