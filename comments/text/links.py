"""Where the web addresses in a text begin and end, and what of them is shown.

static/js/view/links.js is the twin: the same patterns over the same shape. One table of cases tests both
(tests/text/links_table.py). Whether an address is one at all decides the parser of browsers on either side.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import category, name, normalize

from ada_url import URL

START = re.compile(r"https?://", re.IGNORECASE)
# Another address that is no part of the one before it, as in https://web.archive.org/web/2020/https://example.org.
NEXT = re.compile(r"(?<![/=?&#%])https?://", re.IGNORECASE)
# No user part to hide the host behind, and no host that goes on in a way that one does not see.
ADDRESS = re.compile(
    r"https?://(\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)*(?:\.(?=[:/?#]))?)(?::[0-9]+)?"
    r"(?!\$*\.?[\w-]|[%\\]|[^\s/?#]*@)(?:[/?#][^\s<>\"\\`]*)?",
    re.IGNORECASE | re.ASCII,
)
TRAILING = ".,:;!?'*|([{"
CLOSING = {")": "(", "]": "[", "}": "{"}

JOINTS = "·・་׳״‐‑–־"  # punctuation that stands inside of words
SEPARATING = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Po", "Ps", "Pe", "Pi", "Pf", "Pd"}
JOINERS = "\u200c\u200d"
SOFT_HYPHEN = "\u00ad"

# The first words of the names of letters. Those of one line are not taken for each other.
GROUPS = [
    "LATIN CJK IDEOGRAPHIC HIRAGANA KATAKANA HANGUL BOPOMOFO",
    *("ARABIC", "ARMENIAN", "BENGALI", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GREEK", "GUJARATI"),
    *("GURMUKHI", "HEBREW", "KANNADA", "KHMER", "LAO", "MALAYALAM", "MYANMAR", "SINHALA", "TAMIL", "TELUGU", "THAI"),
]


class Part(NamedTuple):
    """A piece of a text; `address` is where it leads to, if it is a link."""

    shown: str
    address: str = ""


def parts(text: str) -> Iterator[Part]:
    """The text in pieces, in order. What is shown differs from it only where a host is not what it looks like."""
    shape, end = shape_of(text), 0
    for start, stop, host in spans(shape):
        address = text[start:stop]
        hostname = hostname_of(address)
        if not hostname:
            continue
        yield Part(text[end:start])
        yield Part(honest(address, text[start + host.start : start + host.stop], hostname), address)
        end = stop
    yield Part(text[end:])


def spans(shape: str) -> Iterator[tuple[int, int, slice]]:
    """Where what looks like an address begins and ends, and where its host is in it."""
    at = 0
    while start := START.search(shape, at):
        following = NEXT.search(shape, start.end())
        piece = ADDRESS.match(shape[start.start() : following and following.start()])
        if piece:
            at = start.start() + trimmed(piece[0])
            yield start.start(), at, slice(*piece.span(1))
        else:
            at = start.end()


def trimmed(shape: str) -> int:
    """How much of it is address: what only closes or ends the words around it is not."""
    end = closed_at(shape)
    while True:
        if shape[end - 1] in TRAILING:
            end -= 1
        elif shape[end - 2 : end].lower() == "'s":
            end -= 2
        else:
            return end


def closed_at(shape: str) -> int:
    """Where a bracket closes that was opened before the address."""
    opened = dict.fromkeys(CLOSING.values(), 0)
    for at, character in enumerate(shape):
        if character in opened:
            opened[character] += 1
        elif opening := CLOSING.get(character):
            opened[opening] -= 1
            if opened[opening] < 0:
                return at
    return len(shape)


def shape_of(text: str) -> str:
    """The text in ASCII, character for character: what is a letter, what separates, and whatever else there is."""
    return text if text.isascii() else "".join(map(shape_of_character, text))


def shape_of_character(character: str) -> str:
    if character.isascii():
        return character
    if character in JOINTS:
        return ","
    if category(character)[0] in "LNM" or character in JOINERS:
        return "_"
    return " " if category(character) in SEPARATING and character != SOFT_HYPHEN else "$"


def hostname_of(address: str) -> str:
    """The host that a browser would ask, in ASCII; empty if it would ask none."""
    try:
        return URL(address).hostname
    except ValueError:
        return ""


def honest(address: str, host: str, hostname: str) -> str:
    """The address with its host's real name, unless the one that is written cannot be taken for another."""
    is_plain = host.lower() == hostname or is_of_one_script(host)
    return address if is_plain else address.replace(host, hostname, 1)


def is_of_one_script(host: str) -> bool:
    """Of a host that is not in ASCII: whether its letters are plain ones of one script."""
    if host.isascii() or normalize("NFKC", host) != host or set(host) & set(JOINERS):
        return False
    scripts = {name(letter, "").split(" ")[0] for letter in host if category(letter)[0] == "L"}
    return any(scripts <= set(group.split()) for group in GROUPS)
