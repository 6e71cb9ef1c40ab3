"""A script or a style sheet without what only people need: indentation, spaces, and the long names of private members,
which nothing outside of their class can name. Texts and patterns stay as they are.

A script is taken apart into its tokens, by the ways of writing that static/ uses; a template literal inside of another
one is none of them, and is refused.
"""

import re
from collections import Counter
from itertools import product
from string import ascii_lowercase

TOKEN = re.compile(
    r"""
      (?P<text> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `(?:[^`\\]|\\.)*`
        | (?: (?<=[(,=:\[!&|?{};+>\n]) | (?<=return) ) [ ]? / (?![/*])
          (?: [^/\\\[\n] | \\. | \[(?:[^\]\\\n]|\\.)*\] )+ / [a-z]* )
    | (?P<space> [ \t\n]+ )
    | (?P<word> [\w$\#]+ )
    | .
    """,
    re.VERBOSE,
)
NESTED = re.compile(r"`[^`]*\$\{[^}`]*`")
# A line may go on after the one, and before the other: there a new line says nothing.
OPEN, CLOSED = "{([,;:=>&|?+", "})].?&|:"
PRIVATE = re.compile(r"(^(?:(?:async|get|set) |\*)?|(?<=\.))#(\w+)", re.MULTILINE)
INDENTATION = re.compile(r"^[ \t]+|\n(?=\n)", re.MULTILINE)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_SPACE = re.compile(r"\s*([{};])\s*|(?<=[:,]) ")


class CannotSqueeze(Exception):
    """A script uses a way of writing that is not known here."""


def squeezed_script(script: str) -> str:
    if nested := NESTED.search(script):
        raise CannotSqueeze(nested[0])
    parts: list[str] = []
    space = ""
    for token in TOKEN.finditer(_with_short_names(INDENTATION.sub("", script))):
        if token["space"]:
            space = token[0]
            continue
        parts += [_between(parts[-1] if parts else "\n", space, token[0]) if space else "", token[0]]
        space = ""
    return "".join(parts)


def squeezed_styles(styles: str) -> str:
    bare = re.sub(r"\s+", " ", CSS_COMMENT.sub("", styles))
    return CSS_SPACE.sub(lambda space: space[1] or "", bare).strip()


def _between(before: str, space: str, after: str) -> str:
    """What has to remain of the space between two tokens."""
    last, first = before[-1], after[0]
    if "\n" in space and last not in OPEN and first not in CLOSED:
        return "\n"
    is_needed = (_is_of_word(last) and _is_of_word(first)) or (last == first and last in "+-")
    return " " if is_needed else ""


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character in "_$#"


def _with_short_names(script: str) -> str:
    counts = Counter(name for _, name in PRIVATE.findall(script))
    letters = ("".join(pair) for length in (1, 2) for pair in product(ascii_lowercase, repeat=length))
    short = dict(zip((name for name, _ in counts.most_common()), letters, strict=False))
    return PRIVATE.sub(lambda member: f"{member[1]}#{short[member[2]]}", script)
