"""What people take for one character may be several: a letter with its marks, a flag, a family."""

import re
from unicodedata import category

FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
SKIN_OR_TAG = re.compile("[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
JOINED = "\u200d"


def first(text: str) -> str:
    """The first of them, whole. The twin of `first` in static/js/state/graphemes.js."""
    end = 2 if FLAG.match(text) else 1
    while more := length_of_rest(text[end : end + 2]):
        end += more
    return text[:end]


def length_of_rest(text: str) -> int:
    """How much at the beginning of the text belongs to the character before it."""
    if text[:1] == JOINED and category(text[1:] or " ")[0] == "S":
        return 2
    return 1 if text and (category(text[0])[0] == "M" or SKIN_OR_TAG.match(text)) else 0
