"""`uss`: the users whose comments are wanted, as links of the first version write them: `alice:255000000+bob`.

A plus or a colon of a name has a backslash before it, `C\\+\\+` and `Re\\:Zero`, and so has a backslash before one of
those or another one. Elsewhere a backslash is itself, as it was. Each of these may be percent-encoded.
"""

import re
from urllib.parse import unquote

from django.db.models import Q

from comments.errors import invalid
from comments.text import color
from comments.text.cleaning import refuse_unstorable, username_key

MAX_USERS = 20
MAX_NAME = 255  # that of history
ESCAPED = re.compile(r"(?:\\|%5C)(\\|%5C|\+|%2B|:|%3A)", re.IGNORECASE)
# What stands for them until the users are taken apart: no characters, so that no name has them.
KEPT = {"+": "\ufdd1", ":": "\ufdd2", "\\": "\ufdd3"}
MEANT = {ord(kept): meant for meant, kept in KEPT.items()}
SEPARATOR = re.compile(r"\+|%2B", re.IGNORECASE)


def raw_value(query_string: str, name: str) -> str:
    for pair in query_string.split("&"):
        key, _, value = pair.partition("=")
        if unquote(key) == name:
            return value
    return ""


def users(uss: str) -> Q:
    """Any of the users in a raw `uss`; a colour, if given, must be the comment's too."""
    refuse_unstorable("uss", unquote(uss))
    wanted = SEPARATOR.split(ESCAPED.sub(lambda escaped: KEPT[unquote(escaped[1])], uss))
    if len(wanted) > MAX_USERS:
        raise invalid("uss", f"At most {MAX_USERS} users can be asked for at once.")
    q = Q()
    for user in wanted:
        name, _, shade = unquote(user).partition(":")
        name = name.translate(MEANT)
        nine_digits = color.canonical(shade) if shade else ""
        if not name or len(name) > MAX_NAME or nine_digits is None:
            raise invalid("uss", "Users are written as name or name:color, joined by +.")
        q |= Q(username_key=username_key(name), color=nine_digits) if shade else Q(username_key=username_key(name))
    return q
