"""One file out of many, made when static files are collected: on a phone, fifty requests would take their time.

The checkout is served as it stands; this only puts its files together, in the order in which they need each other. It
knows the ways of importing and exporting that static/ uses, and refuses any other, so nothing is left out silently.
What only people need goes: comments, indentation (so a text of several lines would lose its own), and the long names
of private members, which nothing outside of their class can name.
"""

import re
from collections import Counter
from collections.abc import Callable
from itertools import product
from posixpath import dirname, join, normpath
from string import ascii_lowercase

Read = Callable[[str], str]

JS_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n|^[ \t]*//[^\n]*\n|[ \t]+// [^\n\"'`]*$", re.MULTILINE | re.DOTALL)
JS_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
JS_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
JS_OTHER = re.compile(r"^(?:import|export)\b[^\n]*", re.MULTILINE)
JS_PRIVATE = re.compile(r"(^(?:(?:async|get|set) |\*)?|(?<=\.))#(\w+)", re.MULTILINE)
INDENTATION = re.compile(r"^[ \t]+|\n(?=\n)", re.MULTILINE)
CSS_SPACE = re.compile(r"\s*([{};])\s*|(?<=[:,]) ")
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)


class CannotLink(Exception):
    """A file uses a way of importing or exporting that is not known here."""


def linked(name: str, read: Read) -> str:
    """The file `name` and all that it imports, as one text. `read(name)` gives a file's text."""
    return linked_styles(name, read) if name.endswith(".css") else linked_modules(name, read)


def linked_styles(name: str, read: Read) -> str:
    text = CSS_IMPORT.sub(lambda match: linked_styles(beside(name, match[1]), read), read(name))
    return CSS_SPACE.sub(lambda space: space[1] or "", re.sub(r"\s+", " ", CSS_COMMENT.sub("", text)).strip())


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
    return squeezed("".join(parts))


def squeezed(script: str) -> str:
    bare = INDENTATION.sub("", script)
    counts = Counter(name for _, name in JS_PRIVATE.findall(bare))
    letters = ("".join(pair) for length in (1, 2) for pair in product(ascii_lowercase, repeat=length))
    short = dict(zip((name for name, _ in counts.most_common()), letters, strict=False))
    return JS_PRIVATE.sub(lambda member: f"{member[1]}#{short[member[2]]}", bare)


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
