"""What is not seen and yet belongs to writing: joiners where a script needs them, and what makes one emoji of several.

Elsewhere a joiner is an invisible character with which two names look the same. The places for joiners are those of
Unicode's identifiers (UAX #31, 2.3), the sequences of emoji those of UTS #51: a few more than are in use, and each of
them is seen.
"""

import re
from functools import lru_cache
from unicodedata import category, combining, name

NON_JOINER, JOINER = "\u200c", "\u200d"
VIRAMA = 9  # the combining class of what takes a letter its vowel
CURSIVE = ("ARABIC LETTER", "SYRIAC LETTER", "NKO LETTER", "MONGOLIAN LETTER", "MANDAIC LETTER")
# Letters that join no letter after them: between these and the next a non-joiner would change nothing.
JOINS_NO_NEXT = re.compile(
    r"LETTER (?:ALEF(?! MAKSURA)|[DT]?DAL|THAL|D?DAHAL|DDAL|DUL|TEH MARBUTA|R+EH|REH|JEH|ZAIN|WAW|OE|U|YU|KIRGHIZ|VE|"
    r"YEH BARREE|HAMZA|DALATH|RISH|HE|SADHE|TAW|ZAYIN)\b"
)

PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
SHADE = "[\U0001f3fb-\U0001f3ff]"
ONE = f"{PICTURE}(?:{SHADE}\ufe0f?|[\ufe0e\ufe0f])?"
KEYCAP = "[0-9#*]\ufe0f?\u20e3"
# The flags of England, Scotland and Wales; a black one with other letters in it would be seen as black.
FLAG = "\U0001f3f4(?:{})\U000e007f".format(
    "|".join("".join(chr(0xE0000 + ord(letter)) for letter in region) for region in ("gbeng", "gbsct", "gbwls"))
)
EMOJI = re.compile(f"{KEYCAP}|{FLAG}|{ONE}(?:{JOINER}{ONE})*")


def without_emoji(text: str) -> str:
    """With one visible character for each emoji, whatever it is made of."""
    return EMOJI.sub("\ufffc", text)


def without_joiners(text: str) -> str:
    """With none where they are in place; those that are not are left."""
    kept = (c for at, c in enumerate(text) if c not in (NON_JOINER, JOINER) or not _is_in_place(text, at))
    return "".join(kept)


def _is_in_place(text: str, at: int) -> bool:
    before, after = text[:at], text[at + 1 :]
    if _ends_with_virama(before):
        return text[at] == JOINER or _is_letter(after[:1])
    if text[at] == JOINER:
        return _is_consonant(before[-1:]) and after[:1] != "" and combining(after[0]) == VIRAMA
    return _joins_next(_base(before)) and _is_cursive(_base(after[::-1]))


def _ends_with_virama(text: str) -> bool:
    marks = re.search(r"[^\W\d_](\W*)$", text)
    return marks is not None and any(combining(mark) == VIRAMA for mark in marks[1]) and _is_consonant(marks[0][:1])


def _base(text: str) -> str:
    """The last character that is no mark."""
    return next((c for c in reversed(text) if category(c) != "Mn"), "")


def _is_letter(character: str) -> bool:
    return character != "" and category(character)[0] == "L"


def _is_consonant(character: str) -> bool:
    """Of a script without case: a virama over a Latin letter is no writing."""
    return character != "" and category(character) == "Lo"


def _joins_next(character: str) -> bool:
    return _is_cursive(character) and not JOINS_NO_NEXT.search(name(character, ""))


@lru_cache(1024)
def _is_cursive(character: str) -> bool:
    return character != "" and name(character, "").startswith(CURSIVE)
