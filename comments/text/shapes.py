"""How a text is set: a quoted line apart, what stands in backticks in a monospaced face, a few lone emoji large.

Nothing is taken away and nothing added: all pieces together are the text, with its signs. static/js/state/shapes.js is
the twin; one table of cases tests both (tests/text/shapes_table.py).
"""

import re
from collections.abc import Iterator

QUOTED = re.compile(r"(?:(?<![^\n])> [^\n]*(?:\n|\Z))+")
CODE = re.compile(r"(?<!`)(`+)(?!`)[^`\n]+\1(?!`)")

PICTURE = "[\u231a-\u23ff\u2600-\u27bf\u2b1b-\u2b55\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
AFTER = "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
KEYCAP = "[0-9#*]\ufe0f?\u20e3"
LONE_EMOJI = re.compile(f"(?:(?:{FLAG}|{KEYCAP}|{PICTURE}{AFTER}(?:\u200d{PICTURE}{AFTER})*) ?){{1,3}}")


def blocks(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces of whole lines, in order, each with whether it is quoted."""
    return split(QUOTED, text)


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """The same for what is in backticks, which stay with it."""
    return split(CODE, text)


def is_lone_emoji(text: str) -> bool:
    """Whether it is one to three emoji and nothing else."""
    return LONE_EMOJI.fullmatch(text) is not None


def split(pattern: re.Pattern, text: str) -> Iterator[tuple[str, bool]]:
    end = 0
    for match in pattern.finditer(text):
        if match.start() > end:
            yield text[end : match.start()], False
        yield match[0], True
        end = match.end()
    if end < len(text):
        yield text[end:], False
