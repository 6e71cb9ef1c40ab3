"""What may come in, and in which form it is kept. Everything a visitor sends is hostile until it has passed here.

Nothing is ever cut: what is too long, or cannot be shown, is refused with 422 and the name of the field.
"""

import json
import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any
from unicodedata import category, normalize

from django.conf import settings

from comments.errors import invalid
from comments.folding import folded
from comments.work import MAX_PRIORITY, is_priority

from . import color
from .joiners import JOINER, NON_JOINER, without_emoji, without_joiners

MAX_TEXT = 1000  # code points, like all lengths here
MAX_USERNAME = 16
MAX_MISC = 200
MAX_MARKS = 30  # on one letter: the bound of Unicode's own stream-safe text (UAX #15)
MAX_CONTEXT_BYTES = 8 * 1024  # as JSON
MAX_BOT_PARAMS_BYTES = 2 * 1024

HUMAN, AI = MESSAGE_TYPES = ("human", "AI")
DEFAULT_LANGUAGE = "en"
ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
RESERVED_IDS = {"health", ".", ".."}  # a word of the API's own paths; this folder and the one above
DOMAIN = re.compile(r"[a-z0-9_.:-]{1,100}")
LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")

LINE_BREAKS = re.compile(r"\r\n?|[\u2028\u2029]")
BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){3,}")
LEADING_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
# Fillers, a blank braille cell, joiners and selectors: Unicode counts them as letters, symbols or marks, or has not
# given them out, and shows none of them.
INVISIBLE = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
VARIATION_SELECTOR = re.compile(r"[\ufe00-\ufe0f]")


@dataclass(frozen=True)
class Draft:
    """A comment as somebody sent it. Empty means not given; `id` is the sender's idempotency key."""

    text: str
    username: str
    color: str = ""
    domain: str = ""
    language: str = ""
    message_type: str = ""
    misc: str = ""
    reply_to: str = ""
    id: str = ""
    context: Any = None
    bot_params: dict | None = None


@dataclass(frozen=True)
class Cleaned(Draft):
    """A draft as it will be stored. Only `clean` makes one."""

    username_key: str = ""


def clean(draft: Draft) -> Cleaned:
    """Raises Refused (422) that names the field."""
    username = clean_username(draft.username)
    return Cleaned(
        text=clean_text(draft.text),
        username=username,
        username_key=username_key(username),
        color=clean_color(draft.color, username),
        domain=_matching("domain", draft.domain.lower(), DOMAIN) if draft.domain else settings.DOMAIN,
        language=_matching("language", draft.language, LANGUAGE) if draft.language else DEFAULT_LANGUAGE,
        message_type=clean_message_type(draft.message_type),
        misc=clean_misc(draft.misc),
        reply_to=_matching("replyTo", draft.reply_to, ID) if draft.reply_to else "",
        id=clean_id(draft.id) if draft.id else "",
        context=clean_json("context", draft.context, MAX_CONTEXT_BYTES),
        bot_params=clean_bot_params(draft.bot_params),
    )


def clean_text(text: str) -> str:
    """NFC, newlines as \\n, at most 2 blank lines in a row, none around it."""
    refuse_unstorable("text", text)
    refuse_stacked_marks("text", text)
    text = normalize("NFC", LINE_BREAKS.sub("\n", text))
    refuse_controls("text", text)
    text = LEADING_BLANK_LINES.sub("", BLANK_LINES.sub("\n\n\n", text)).rstrip()
    if not has_visible_character(text):
        raise invalid("text", "The text needs at least one visible character.", "text_required")
    _at_most("text", text, MAX_TEXT)
    return text


def clean_username(username: str) -> str:
    """The name as typed, if it can be told from others: what it looks like is judged in its NFKC form too."""
    refuse_unstorable("username", username)
    refuse_stacked_marks("username", username)
    username = normalize("NFC", username.strip())
    _at_most("username", username, MAX_USERNAME)  # before anything that takes more than one look at it
    bare = without_joiners(without_emoji(username))
    for form, seen in ((username, bare), (normalize("NFKC", username), normalize("NFKC", bare))):
        if any(_is_unfit_for_name(character, before) for before, character in pairwise(f" {seen}")):
            raise invalid("username", "The name has a character that is invisible or changes the writing direction.")
        if not has_visible_character(form):
            raise invalid("username", "The name needs at least one visible character.", "username_required")
        _at_most("username", form, MAX_USERNAME)
    return username


def username_key(username: str) -> str:
    """What filters compare: the same for names that differ only in case, in the width of their letters or in how these
    are joined."""
    return folded(username).replace(NON_JOINER, "").replace(JOINER, "")


def clean_color(written: str, username: str) -> str:
    if not written:
        return color.for_name(username_key(username))
    if canonical := color.canonical(written):
        return canonical
    raise invalid("color", "The color is not nine digits RRRGGGBBB up to 255 each, #rrggbb or rgb(r, g, b).")


def clean_id(id: str) -> str:
    if id in RESERVED_IDS:
        raise invalid("id", "This id means something else in an address.")
    return _matching("id", id, ID)


def clean_message_type(message_type: str) -> str:
    if message_type in ("", *MESSAGE_TYPES):
        return message_type or HUMAN
    raise invalid("message-type", 'The message-type is "human" or "AI".')


def clean_misc(misc: str) -> str:
    refuse_unstorable("misc", misc)
    refuse_controls("misc", misc)
    _at_most("misc", misc, MAX_MISC)
    return misc


def clean_json(field: str, value: Any, max_bytes: int) -> Any:
    """Any JSON value for bots, if it is small and every string in it can be stored."""
    if value is None:
        return None
    refuse_unstorable_strings(field, value)
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except ValueError as error:  # infinite, or a number of thousands of digits
        raise invalid(field, f"{field} has a number that JSON cannot carry.") from error
    if size > max_bytes:
        raise invalid(field, f"{field} is larger than {max_bytes} bytes.", f"{_snake(field)}_too_large")
    return value


def clean_bot_params(value: dict | None) -> dict | None:
    """What it says of work is typed: a queue would lose what only looks like `false`, or misplace it."""
    value = clean_json("botParams", value, MAX_BOT_PARAMS_BYTES) or value
    if not isinstance(value, dict):
        return value
    if not isinstance(value.get("processed"), bool | None):
        raise invalid("botParams", "botParams.processed is neither true nor false.", "invalid_processed")
    if value.get("priority") is not None and not is_priority(value["priority"]):
        raise invalid("botParams", f"botParams.priority is no whole number up to {MAX_PRIORITY}.", "invalid_priority")
    return value


def has_visible_character(text: str) -> bool:
    # A character that is not assigned is taken for visible: it may be an emoji newer than this Python.
    return any((category(c)[0] in "LNPS" or category(c) in ("Co", "Cn")) and not INVISIBLE.match(c) for c in text)


def refuse_unstorable(field: str, text: str) -> None:
    """NUL, lone surrogates and non-characters are no text: a database may refuse them, or lie about them."""
    if any(c == "\0" or 0xD800 <= ord(c) <= 0xDFFF or _is_noncharacter(ord(c)) for c in text):
        raise invalid(field, f"The {field} has a character that is not valid Unicode text.")


def refuse_controls(field: str, text: str) -> None:
    if any(category(c) == "Cc" and c not in "\n\t" for c in text):
        raise invalid(field, f"The {field} has a control character.")


def refuse_stacked_marks(field: str, text: str) -> None:
    """Marks without end are no writing, and cost: normalising takes the square of their number. Of every class: those
    of many scripts have none. What is invisible between them does not part them."""
    for is_mark, run in groupby(text, lambda character: category(character) in ("Mn", "Mc", "Me", "Cf")):
        if is_mark and sum(category(character) != "Cf" for character in run) > MAX_MARKS:
            raise invalid(field, f"The {field} has more than {MAX_MARKS} marks on one letter.")


def _is_unfit_for_name(character: str, before: str) -> bool:
    if VARIATION_SELECTOR.match(character):
        return category(before)[0] != "S"  # many emoji have one; on a letter nobody would see it
    return category(character) in ("Cc", "Cf", "Zl", "Zp") or INVISIBLE.match(character) is not None


def _is_noncharacter(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _at_most(field: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise invalid(field, f"The {field} is longer than {limit} characters.", f"{field}_too_long")


def _matching(field: str, value: str, pattern: re.Pattern) -> str:
    if pattern.fullmatch(value):
        return value
    raise invalid(field, f"The {field} does not look like one.")


def refuse_unstorable_strings(field: str, value: Any) -> None:
    """The same for every string in a JSON value."""
    if isinstance(value, str):
        refuse_unstorable(field, value)
    elif isinstance(value, dict):
        refuse_unstorable_strings(field, [*value.keys(), *value.values()])
    elif isinstance(value, list):
        for part in value:
            refuse_unstorable_strings(field, part)


def _snake(field: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field).lower()
